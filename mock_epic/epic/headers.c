#include "mock_epic/epic/headers.h"

struct header {
    const char *name, *value;
};

static void add(struct mock_response *response, const struct header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mock_response_header(response, headers[i].name, headers[i].value);
}

static const struct header common[] = {
    {"Pragma", "no-cache"},
    {"Expires", "-1"},
    {"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
    {"X-Frame-Options", "sameorigin"},
    {"Access-Control-Allow-Origin", "*"},
    {"Access-Control-Allow-Credentials", "true"},
    {"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, TRACE, OPTIONS"},
    {"Access-Control-Allow-Headers",
     "authorization, accept, content-type, prefer, Epic-Client-ID, Epic-User-ID, Epic-User-IDType"},
};

void mock_headers_token(struct mock_response *response)
{
    mock_response_header(response, "Content-Type", "application/json; charset=utf-8");
    mock_response_header(response, "Cache-Control", "no-cache, no-store,no-store");
    add(response, common, sizeof common / sizeof *common);
}

void mock_headers_fhir(struct mock_response *response)
{
    mock_response_header(response, "Cache-Control", "no-cache,no-store");
    add(response, common, sizeof common / sizeof *common);
}

void mock_headers_html_404(struct mock_response *response)
{
    mock_response_reset(response);
    response->status = 404;
    mock_response_header(response, "Content-Type", "text/html");
    mock_response_add_borrowed(
        response, auth_view_from_string("<!DOCTYPE html>\r\n<html>\r\n<head><title>404 - File or directory not "
                                        "found.</title></head>\r\n<body>\r\n<h1>404</h1>\r\n<p>This address "
                                        "leads to no resource of this server.</p>\r\n</body>\r\n</html>\r\n"));
}
