/* The headers that each kind of answer carries, in order. */
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
    {"Access-Control-Allow-Origin", "*"},
    {"Access-Control-Allow-Credentials", "true"},
    {"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, TRACE, OPTIONS"},
    {"Access-Control-Allow-Headers",
     "origin, x-requested-with, authorization, accept, content-type, prefer, soapaction, Epic-Client-ID, Epic-User-ID, "
     "Epic-User-IDType, Epic-MyChartUser-ID, Epic-MyChartUser-IDType"},
};

void mock_headers_token(struct mock_response *response)
{
    mock_response_header(response, "Content-Type", "application/json; charset=utf-8");
    mock_response_header(response, "Cache-Control", "no-cache, no-store,no-store");
    mock_response_header(response, "X-Frame-Options", "sameorigin");
    add(response, common, sizeof common / sizeof *common);
}

void mock_headers_fhir(struct mock_response *response)
{
    mock_response_header(response, "Cache-Control", "no-cache,no-store");
    add(response, common, sizeof common / sizeof *common);
}

/* As long as IIS's page of that title is (O), in words of our own. */
static const char page_404[] =
    "<!DOCTYPE html>\r\n<html>\r\n<head>\r\n<title>404 - File or directory not found.</title>\r\n"
    "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-1\">\r\n<style>\r\n"
    "body { margin: 0; font-family: sans-serif; color: #222; background: #fff; }\r\n"
    "#top { padding: 1em 2em; color: #fff; background: #446; }\r\n#main { padding: 1em 2em; }\r\n</style>\r\n</head>\r\n"
    "<body>\r\n<div id=\"top\"><h1>404</h1></div>\r\n<div id=\"main\">\r\n<h2>Nothing is here</h2>\r\n"
    "<p>This address leads to no resource of this server.</p>\r\n</div>\r\n<!--\r\n"
    "At Epic such a page comes from IIS, the web server before the FHIR server: for a type that Epic does not have, a type\r\n"
    "that cannot be searched, an operation or version that does not exist, and any path beside the API. It is HTML whatever\r\n"
    "Accept asks for, so a client that parses every answer as JSON fails here with an error about its first character. Look\r\n"
    "at the status before the body. The mock's journal, at the number in the header X-Mock-Epic-Decision, names the request.\r\n"
    "Epic-Client-ID and other headers change nothing here; neither does a token. Where a type is meant, look at the list in metadata,\r\n"
    "and at its spelling: capitals count. MedicationStatement, Schedule, Slot and Person are not among them\r\n-->\r\n</body>\r\n</html>\r\n";

_Static_assert(sizeof page_404 - 1 == 1245, "as long as Epic's");

void mock_headers_html_404(struct mock_response *response)
{
    mock_response_reset(response);
    response->status = 404;
    mock_response_header(response, "Content-Type", "text/html");
    mock_response_header(response, "Cache-Control", "no-store");
    add(response, common, sizeof common / sizeof *common);
    mock_response_add_borrowed(response, auth_view_from_string(page_404));
}
