/* JSON: a strict reader and an escaping writer. auth/core alone knows cJSON.
 *
 * cJSON alone is not safe for security decisions (measured on 1.7.15): it accepts duplicate members (first wins),
 * finds "EXP" when asked for "exp", cuts strings at \u0000, takes invalid UTF-8, trailing garbage, 01 and 1e400, and
 * its valueint saturates in 2038. So the text first passes our own RFC 8259 scanner; only then is it given to cJSON
 * for the tree. Reading is by exact member name.
 * A FHIR resource is never printed back from a tree (1.0 would become 1): find its raw bytes with the
 * auth_json_raw_* functions and serve those.
 * Read next: auth/core/form.h. */
#ifndef AUTH_CORE_JSON_H
#define AUTH_CORE_JSON_H

#include "auth/core/buf.h"

/* ---- reading ---- */

struct auth_json;      /* a parsed document; immutable, so threads may share it */
struct auth_json_node; /* a value inside one; borrowed, lives as long as its document */

enum auth_json_type {
    AUTH_JSON_NONE, /* what auth_json_type(NULL) answers: no such value */
    AUTH_JSON_NULL,
    AUTH_JSON_BOOL,
    AUTH_JSON_NUMBER,
    AUTH_JSON_STRING,
    AUTH_JSON_ARRAY,
    AUTH_JSON_OBJECT,
};

enum { AUTH_JSON_DEPTH_MAX = 32 }; /* arrays and objects inside one another; 33 is refused */

/* Check the text only: RFC 8259 grammar with no tolerance, UTF-8 well-formed, no BOM, no duplicate member in
 * one object (compared after unescaping), no NUL (raw or \u0000), no lone surrogate, depth, every number
 * finite as a double.
 * rc  AUTH_OK; AUTH_E_DUPLICATE (detail names the member); AUTH_E_RANGE (a number); AUTH_E_SYNTAX (detail
 *     gives what and the byte offset); AUTH_E_TOO_BIG (depth); AUTH_E_NOMEM
 * src RFC 8259, RFC 7515 4, RFC 7519 4, RFC 8725 2.6 */
AUTH_MUST_CHECK enum auth_rc auth_json_check(struct auth_view text, struct auth_err *err);
/* The same; *at is the byte at which the reading stopped: the end of the text, or where it went wrong. */
AUTH_MUST_CHECK enum auth_rc auth_json_check_at(struct auth_view text, size_t *at, struct auth_err *err);

/* Check, then build the tree. out: caller frees with auth_json_free(). rc as auth_json_check(). */
AUTH_MUST_CHECK enum auth_rc auth_json_parse(struct auth_view text, struct auth_json **out, struct auth_err *err);
void auth_json_free(struct auth_json *doc);

const struct auth_json_node *auth_json_root(const struct auth_json *doc); /* NULL for NULL */
/* All node functions take NULL and then answer "nothing", so that paths can be chained. */
enum auth_json_type auth_json_type(const struct auth_json_node *node);
const char *auth_json_type_text(enum auth_json_type type); /* "a string", "missing", ... for messages */
const struct auth_json_node *auth_json_member(const struct auth_json_node *object, const char *name);
const struct auth_json_node *auth_json_first(const struct auth_json_node *container); /* element or member */
const struct auth_json_node *auth_json_next(const struct auth_json_node *node);
struct auth_view auth_json_name(const struct auth_json_node *node);   /* member name; empty for elements */
struct auth_view auth_json_string(const struct auth_json_node *node); /* empty view unless a string */
/* True and *value set when the node is a number with an integral value, |value| <= 2^53 - 1 (exact in a double).
 * 1e3 and 1000.0 count as integral: after parsing they cannot be told from 1000. */
bool auth_json_int(const struct auth_json_node *node, int64_t *value);
bool auth_json_double(const struct auth_json_node *node, double *value);
bool auth_json_bool(const struct auth_json_node *node, bool *value);
/* Shorthands: the member's string (empty view when absent or no string). */
struct auth_view auth_json_member_string(const struct auth_json_node *object, const char *name);

/* The grammar alone, to any depth, for texts that are passed on: RFC 8259 without a word on repeated members, ranges, UTF-8
 * or what an escape stands for.
 * rc  AUTH_OK; AUTH_E_SYNTAX (detail: what and the byte offset; "ends too early" for a text that was cut); AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_json_check_grammar(struct auth_view text, struct auth_err *err);

/* ---- raw slices of text that auth_json_check() or auth_json_check_grammar() accepted ---- */

/* Bytes of the member's value inside the object text, without surrounding white space.
 * rc  true when found: the first of that name. Linear in the text before it; no allocation. */
bool auth_json_raw_member(struct auth_view object, const char *name, struct auth_view *value);
/* Walk an object's members: *cursor starts at 0; names are as written, without their quotation marks. False at the end or
 * when the text is no object. */
bool auth_json_raw_next_member(struct auth_view object, size_t *cursor, struct auth_view *name,
                               struct auth_view *value);
/* Whether what stands between the quotation marks of a string means text, which is ASCII, however it is escaped. */
bool auth_json_raw_means(struct auth_view written, const char *text);
/* Walk an array's element texts: *cursor starts at 0; false at the end or when the text is no array. */
bool auth_json_raw_next(struct auth_view array, size_t *cursor, struct auth_view *value);
/* The same in one go, for who looks into what is nested: *at moves through the text, and nothing is read twice.
 *     enter  behind the '{' or '[' that is open; false, and nothing moved, where the value there is another
 *     name   the next member's, up to its value; false behind the object's end
 *     item   up to the next item's value; false behind the array's end
 *     value  what stands there, as it is written, and moves behind it */
bool auth_json_raw_enter(struct auth_view text, size_t *at, char open);
bool auth_json_raw_name(struct auth_view text, size_t *at, struct auth_view *name);
bool auth_json_raw_item(struct auth_view text, size_t *at);
struct auth_view auth_json_raw_value(struct auth_view text, size_t *at);
/* Append the text without insignificant white space (an accepted text stays the same value, digits kept). */
void auth_json_raw_minify(struct auth_buf *out, struct auth_view text);

/* A place in a text, both from 1; a column is a byte. */
struct auth_json_place {
    size_t line, column;
};
struct auth_json_place auth_json_place_of(struct auth_view text, size_t at);
/* Where a node stands in the text that its document was made of: a member at its name, all else at its first byte. NULL, or a
 * node of another document, stands at the beginning. Linear. */
struct auth_json_place auth_json_position(struct auth_view text, const struct auth_json *doc,
                                          const struct auth_json_node *node);

/* ---- writing ---- */

enum auth_json_style {
    AUTH_JSON_COMPACT,
    AUTH_JSON_PRETTY,      /* two spaces, LF */
    AUTH_JSON_PRETTY_CRLF, /* two spaces, CR LF: how Epic prints token answers (O) */
};

enum { AUTH_JSONW_DEPTH_MAX = 32 };

/* Appends to a buffer; commas, colons and indentation come by themselves. Errors spoil the buffer
 * (auth_buf_ok()). Strings must be UTF-8; bytes that are not are written as U+FFFD, control bytes escaped. */
struct auth_json_writer {
    struct auth_buf *out;
    enum auth_json_style style;
    unsigned depth;
    bool has_item[AUTH_JSONW_DEPTH_MAX];
    bool after_key;
};

void auth_json_writer_init(struct auth_json_writer *w, struct auth_buf *out, enum auth_json_style style);
void auth_json_write_object(struct auth_json_writer *w);
void auth_json_write_end_object(struct auth_json_writer *w);
void auth_json_write_array(struct auth_json_writer *w);
void auth_json_write_end_array(struct auth_json_writer *w);
void auth_json_write_key(struct auth_json_writer *w, const char *key);
void auth_json_write_string(struct auth_json_writer *w, struct auth_view value);
void auth_json_write_int(struct auth_json_writer *w, int64_t value);
void auth_json_write_double(struct auth_json_writer *w,
                            double value); /* shortest of %.15g/%.17g that reads back; finite only */
void auth_json_write_bool(struct auth_json_writer *w, bool value);
void auth_json_write_null(struct auth_json_writer *w);
void auth_json_write_raw(struct auth_json_writer *w, struct auth_view json); /* text known to be JSON */
/* Shorthands for a whole member. */
void auth_json_write_member(struct auth_json_writer *w, const char *key, struct auth_view value);
/* Of a buffer; one that is spoiled spoils the writer's, so that no text goes missing without being noticed. */
void auth_json_write_member_buf(struct auth_json_writer *w, const char *key, const struct auth_buf *value);
void auth_json_write_member_text(struct auth_json_writer *w, const char *key, const char *value); /* NULL writes null */
void auth_json_write_member_int(struct auth_json_writer *w, const char *key, int64_t value);
void auth_json_write_member_bool(struct auth_json_writer *w, const char *key, bool value);
void auth_json_write_member_raw(struct auth_json_writer *w, const char *key, struct auth_view json);

#endif
