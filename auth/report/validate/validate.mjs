// Reads a SARIF log from stdin and holds it against the schema that is published for SARIF 2.1.0; prints "valid", or what is not.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const Ajv = createRequire(require.resolve("@microsoft/jest-sarif/package.json"))("ajv");
const schema = require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
const ajv = new Ajv({ allErrors: true, schemaId: "auto", meta: false, unknownFormats: "ignore" });
ajv.addMetaSchema(createRequire(require.resolve("@microsoft/jest-sarif/package.json"))("ajv/lib/refs/json-schema-draft-04.json"));
const judge = ajv.compile(schema);
const log = JSON.parse(readFileSync(0, "utf8"));
if (!judge(log)) {
    console.log(ajv.errorsText(judge.errors, { separator: "\n" }));
    process.exit(1);
}
delete log.runs[0].results[0].message; // the reader can tell
if (judge(log)) {
    console.log("the schema says nothing of a result without a message");
    process.exit(1);
}
console.log("valid");
