/* GET /mock: what this server answers, what its admin API takes, and which patients there are: for programs as JSON, for people
 * who open it in a browser as a page. */
#include "mock_epic/admin/handlers.h"

#include <string.h>

#include "auth/core/version.h"
#include "mock_epic/admin/routes.h"
#include "mock_epic/http/accept.h"
#include "mock_epic/http/page.h"

enum { PATIENTS_MAX = 50 };

/* What is said of a patient: his id, and one name as it would be spoken. */
struct patient {
    struct auth_view id, birth_date;
    struct auth_buf name;
};

static void add_words(struct auth_buf *out, const struct auth_json_node *words)
{
    for (const struct auth_json_node *word = auth_json_first(words); word; word = auth_json_next(word)) {
        auth_buf_add_string(out, out->n ? " " : "");
        auth_buf_add_view(out, auth_json_string(word));
    }
}

static void read_patient(const struct auth_json_node *resource, struct patient *patient)
{
    const struct auth_json_node *name = auth_json_first(auth_json_member(resource, "name"));
    struct auth_view family = auth_json_member_string(name, "family");
    patient->id = auth_json_member_string(resource, "id");
    patient->birth_date = auth_json_member_string(resource, "birthDate");
    auth_buf_init(&patient->name, 512);
    auth_buf_add_view(&patient->name, auth_json_member_string(name, "text"));
    if (patient->name.n)
        return;
    add_words(&patient->name, auth_json_member(name, "given"));
    auth_buf_add_string(&patient->name, patient->name.n && family.n ? " " : "");
    auth_buf_add_view(&patient->name, family);
}

/* Read each of the first patients and hand it on. How many there are in all. */
static size_t each_patient(struct mock_instance *instance, void (*take)(void *ctx, const struct patient *patient),
                           void *ctx)
{
    struct auth_view resources[PATIENTS_MAX];
    struct mock_fhir *fhir = mock_instance_fhir(instance);
    size_t count = fhir ? mock_fhir_list(fhir, "Patient", resources, PATIENTS_MAX) : 0;
    for (size_t i = 0; i < count && i < PATIENTS_MAX; i++) {
        struct auth_json *doc = NULL;
        struct patient patient;
        if (auth_json_parse(resources[i], &doc, NULL) != AUTH_OK)
            continue; /* deeper or odder than is read here; it is served all the same */
        read_patient(auth_json_root(doc), &patient);
        take(ctx, &patient);
        auth_buf_clear(&patient.name);
        auth_json_free(doc);
    }
    mock_fhir_release(fhir);
    return count;
}

/* ---- as JSON ---- */

static void write_members(struct auth_json_writer *w, const char *key, const struct mock_admin_members *members)
{
    if (!members)
        return;
    auth_json_write_key(w, key);
    auth_json_write_object(w);
    for (size_t i = 0; i < members->count; i++) {
        struct auth_buf text;
        if (members->rows[i].type == MOCK_MEMBER_SHOWN)
            continue;
        auth_buf_init(&text, 512);
        mock_members_describe(&members->rows[i], &text);
        auth_buf_add_string(&text, members->rows[i].is_required ? "; needed" : "");
        auth_json_write_member_buf(w, members->rows[i].name, &text);
        auth_buf_clear(&text);
    }
    auth_json_write_end_object(w);
}

static void write_call(struct auth_json_writer *w, const struct mock_admin_route *route)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "method", route->method);
    auth_json_write_member_text(w, "path", route->path);
    auth_json_write_member_text(w, "about", route->about);
    write_members(w, "parameters", route->parameters);
    write_members(w, "body", route->members);
    if (route->example)
        auth_json_write_member_raw(w, "example", auth_view_from_string(route->example));
    auth_json_write_end_object(w);
}

static void write_patient(void *ctx, const struct patient *patient)
{
    struct auth_json_writer *w = ctx;
    auth_json_write_object(w);
    auth_json_write_member(w, "id", patient->id);
    auth_json_write_member_buf(w, "name", &patient->name);
    auth_json_write_member(w, "birthDate", patient->birth_date);
    auth_json_write_end_object(w);
}

static void write_json(struct mock_admin_call *call)
{
    size_t count;
    const struct mock_admin_route *routes = mock_admin_routes(&count);
    struct auth_json_writer *w = &call->w;
    auth_json_write_object(w);
    auth_json_write_member_text(w, "server", "mock-epic " AUTH_VERSION ", not affiliated with Epic");
    if (call->instance->name)
        auth_json_write_member_text(w, "name", call->instance->name);
    mock_instance_write_urls(call->instance, w);
    auth_json_write_key(w, "calls");
    auth_json_write_array(w);
    for (size_t i = 0; i < count; i++)
        write_call(w, &routes[i]);
    auth_json_write_end_array(w);
    auth_json_write_key(w, "patients");
    auth_json_write_array(w);
    size_t patients = each_patient(call->instance, write_patient, w);
    auth_json_write_end_array(w);
    auth_json_write_member_int(w, "patient_count", (int64_t)patients);
    auth_json_write_end_object(w);
}

/* ---- as a page ---- */

static void add_call_row(struct auth_buf *out, const struct mock_admin_route *route, const char *public_url)
{
    bool is_open = strcmp(route->method, "GET") == 0 && !strchr(route->path, '{');
    auth_buf_addf(out, "<tr><td><code class=m>%s</code></td><td>", route->method);
    if (is_open) {
        auth_buf_add_string(out, "<a href=\"");
        mock_page_text(out, auth_view_from_string(public_url));
        auth_buf_addf(out, "%s\">", route->path);
    }
    auth_buf_addf(out, "<code>%s</code>%s</td><td>", route->path, is_open ? "</a>" : "");
    mock_page_text(out, auth_view_from_string(route->about));
    if (route->example) {
        auth_buf_add_string(out, "<br><code class=e>");
        mock_page_text(out, auth_view_from_string(route->example));
        auth_buf_add_string(out, "</code>");
    }
    auth_buf_add_string(out, "</td></tr>\n");
}

static void add_url_row(struct auth_buf *out, const char *what, const char *url)
{
    auth_buf_addf(out, "<tr><td>%s</td><td><code>", what);
    mock_page_text(out, auth_view_from_string(url));
    auth_buf_add_string(out, "</code></td></tr>\n");
}

static void add_patient_row(void *ctx, const struct patient *patient)
{
    struct auth_buf *out = ctx;
    auth_buf_add_string(out, "<tr><td><code>");
    mock_page_text(out, patient->id);
    auth_buf_add_string(out, "</code></td><td>");
    mock_page_text(out, auth_buf_view(&patient->name));
    auth_buf_add_string(out, "</td><td>");
    mock_page_text(out, patient->birth_date);
    auth_buf_add_string(out, "</td></tr>\n");
}

static void write_page(struct mock_admin_call *call)
{
    struct mock_instance *instance = call->instance;
    struct auth_buf *out = &call->response->text;
    size_t count;
    const struct mock_admin_route *routes = mock_admin_routes(&count);
    call->content_type = "text/html; charset=utf-8";
    mock_page_begin(out, instance->name ? instance->name : "mock-epic", "");
    auth_buf_add_string(out, "<p>An Epic for tests, version " AUTH_VERSION
                             ". Not affiliated with Epic. This page is JSON to programs.</p>\n<table>\n");
    add_url_row(out, "Token URL, and <code>aud</code>", instance->token_url);
    add_url_row(out, "FHIR base", instance->fhir_url);
    auth_buf_add_string(out, "</table>\n<h2>Steering it</h2>\n<table>\n<tr><th><th>call<th>what, and a body</tr>\n");
    for (size_t i = 0; i < count; i++)
        add_call_row(out, &routes[i], instance->public_url);
    auth_buf_add_string(out, "</table>\n<h2>Patients</h2>\n<table>\n<tr><th>id<th>name<th>born</tr>\n");
    size_t patients = each_patient(instance, add_patient_row, out);
    auth_buf_addf(out, "</table>\n<p>%zu patients are loaded%s.</p>\n", patients,
                  patients > PATIENTS_MAX ? "; the first of them are shown" : "");
    mock_page_end(out);
}

/* Programs that take anything, or say nothing, get JSON. */
void mock_admin_get_index(struct mock_admin_call *call)
{
    struct mock_accept accept;
    size_t position;
    mock_accept_of(call->request, &accept);
    int html = mock_accept_weight(&accept, "text/html", &position);
    int json = mock_accept_weight(&accept, "application/json", &position);
    if (html > 0 && html > json)
        write_page(call);
    else
        write_json(call);
}
