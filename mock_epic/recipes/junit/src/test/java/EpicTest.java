import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three tests to start from: {@code mock-epic run -- mvn test}. {@link Client} is where your client goes. */
class EpicTest {
    private static final String CAMILA = "Patient/erXuFYUfucBZaryVksYEcMg3";
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static String admin = System.getenv("MOCK_EPIC_URL") + "/mock", tokenUrl, fhirBaseUrl;

    /** An Epic of this class alone, in the mock that is around all: what runs in parallel does not meet, whatever it does to the clock. */
    @BeforeAll
    static void makeInstance() throws Exception {
        String made = epic("/instances", "{}");
        admin = text(made, "admin_url");
        tokenUrl = text(made, "token_url");
        fhirBaseUrl = text(made, "fhir_base_url");
    }

    /** The admin API: {@code epic("/clock/advance", "{\"seconds\":3600}")} gives what it answers. */
    static String epic(String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(admin + path));
        if (body != null)
            request.POST(HttpRequest.BodyPublishers.ofString(body));
        return HTTP.send(request.build(), BodyHandlers.ofString()).body();
    }

    static String text(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\": *\"([^\"]*)\"").matcher(json);
        if (!found.find())
            throw new IllegalStateException(json);
        return found.group(1);
    }

    static class Client {
        String token;

        String getToken() throws Exception {
            String id = System.getenv("EPIC_BACKEND_CLIENT_ID"), url = tokenUrl;
            String claims = String.format("{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"jti\":\"%s\",\"exp\":%d}", id, id, url,
                UUID.randomUUID(), Instant.now().getEpochSecond() + 240);
            String input = encode("{\"alg\":\"RS384\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + encode(claims.getBytes(StandardCharsets.UTF_8));
            Signature signature = Signature.getInstance("SHA384withRSA");
            signature.initSign(key());
            signature.update(input.getBytes(StandardCharsets.US_ASCII));
            String form = "grant_type=client_credentials&client_assertion_type="
                + URLEncoder.encode("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", StandardCharsets.UTF_8)
                + "&client_assertion=" + input + "." + encode(signature.sign());
            HttpResponse<String> answer = HTTP.send(HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)).build(), BodyHandlers.ofString());
            return text(answer.body(), "access_token");
        }

        /** The status of a read; with a new token when the old one is refused. */
        int read(String what) throws Exception {
            int status = 401;
            for (int i = 0; i < 2 && status == 401; i++) {
                token = token == null || i > 0 ? getToken() : token;
                status = HTTP.send(HttpRequest.newBuilder(URI.create(fhirBaseUrl + "/" + what))
                    .header("Authorization", "Bearer " + token).header("Accept", "application/fhir+json").build(),
                    BodyHandlers.ofString()).statusCode();
            }
            return status;
        }

        private static String encode(byte[] bytes) {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }

        private static PrivateKey key() throws Exception {
            String pem = Files.readString(Path.of(System.getenv("EPIC_PRIVATE_KEY_PATH")));
            byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]*-----", ""));
            return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        }
    }

    @AfterEach
    void reset() throws Exception {
        epic("/reset", "{\"what\":[\"clock\",\"tokens\",\"jti\",\"journal\"]}");
    }

    @Test
    void readsAPatient() throws Exception {
        assertEquals(200, new Client().read(CAMILA));
    }

    @Test
    void getsANewTokenWhenTheOldOneExpires() throws Exception {
        Client client = new Client();
        assertEquals(200, client.read(CAMILA));
        String first = client.token;
        epic("/tokens/age", "{\"seconds\":3600}");
        assertEquals(200, client.read(CAMILA));
        assertNotEquals(first, client.token);
    }

    @Test
    void isRefusedWhenItsClockIsBehind() throws Exception {
        epic("/clock/advance", "{\"seconds\":3600}");
        try {
            new Client().read(CAMILA);
        } catch (IllegalStateException refused) {
            assertTrue(refused.getMessage().contains("invalid_client"), refused.getMessage());
            assertTrue(epic("/journal?kind=token", null).contains("\"rule\":\"exp.future\""));
            return;
        }
        throw new AssertionError("it got a token");
    }
}
