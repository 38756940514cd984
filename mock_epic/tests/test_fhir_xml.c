/* What of JSON stands in XML where: order, attributes, what stands beside a primitive, and what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mock_epic/xml/xhtml.h"
#include "mock_epic/xml/xml.h"

static void expect(const char *members, const char *wanted)
{
    struct auth_buf json, xml, whole;
    auth_buf_init(&json, 4096);
    auth_buf_init(&xml, 4096);
    auth_buf_init(&whole, 4096);
    auth_buf_addf(&json, " {\"resourceType\":\"Patient\"%s} ", members);
    auth_buf_addf(&whole, "<Patient xmlns=\"http://hl7.org/fhir\"%s", wanted);
    assert_int_equal(auth_json_check(auth_buf_view(&json), NULL), AUTH_OK);
    assert_int_equal(mock_xml_write(auth_buf_view(&json), &xml), AUTH_OK);
    assert_string_equal(xml.p, whole.p);
    auth_buf_clear(&json);
    auth_buf_clear(&xml);
    auth_buf_clear(&whole);
}

static void test_order(void **state)
{
    (void)state;
    expect("", " />");
    expect(",\"gender\":\"x\",\"active\":true,\"id\":\"a\"",
           "><id value=\"a\" /><active value=\"true\" /><gender value=\"x\" /></Patient>");
    expect(",\"extension\":[{\"valueCode\":\"b\",\"url\":\"u\",\"id\":\"i\"},{\"url\":null,\"id\":\"j\"}]",
           "><extension id=\"i\" url=\"u\"><valueCode value=\"b\" /></extension><extension id=\"j\" /></Patient>");
    expect(
        ",\"name\":[{\"given\":[\"a\",\"b\"],\"family\":\"c\",\"text\":\"d\"}]",
        "><name><text value=\"d\" /><family value=\"c\" /><given value=\"a\" /><given value=\"b\" /></name></Patient>");
}

/* The member with "_" may come behind the other, before it, far from it, or alone. */
static void test_beside(void **state)
{
    (void)state;
    static const char wanted[] = "><active value=\"true\" /><birthDate id=\"b\" value=\"2000\" /></Patient>";
    expect(",\"active\":true,\"birthDate\":\"2000\",\"_birthDate\":{\"id\":\"b\"}", wanted);
    expect(",\"_birthDate\":{\"id\":\"b\"},\"active\":true,\"birthDate\":\"2000\"", wanted);
    expect(",\"birthDate\":\"2000\",\"active\":true,\"_birthDate\":{\"id\":\"b\"}", wanted);
    expect(",\"_birthDate\":{\"extension\":[{\"url\":\"u\"}]}",
           "><birthDate><extension url=\"u\" /></birthDate></Patient>");
    expect(",\"name\":[{\"_given\":[null,{\"id\":\"x\"},{\"id\":\"y\"}],\"given\":[\"a\",null]}]",
           "><name><given value=\"a\" /><given id=\"x\" /><given id=\"y\" /></name></Patient>");
    expect(",\"_name\":{\"id\":\"x\"},\"_birthDate\":null", "></Patient>");
}

static void test_left_out(void **state)
{
    (void)state;
    expect(
        ",\"contained\":[{\"resourceType\":\"Unheard\"},{\"id\":\"y\"},null,7,{\"\\u0069d\":\"b\",\"resource\\u0054ype\":\"B\\u0061sic\"}]",
        "><contained><Basic><id value=\"b\" /></Basic></contained></Patient>");
    expect(",\"unheard\":[{\"a\":[]}],\"active\":null", "></Patient>");
    expect(",\"gender\":\"<\\u0001\\n\\\"&\\ud83e\\ude7a\\ufffe>\"",
           "><gender value=\"&lt;\xef\xbf\xbd&#10;&quot;&amp;\xf0\x9f\xa9\xba\xef\xbf\xbd&gt;\" /></Patient>");
}

static void test_narrative(void **state)
{
    (void)state;
    static const char *const sound[] = {
        "<div/>", " <div xmlns=\"u\"><p a='1' b = \"&amp;&#10;&#x1f600;\" xml:lang=\"en\">x &lt; y</p ><br /></div >\n",
        "<!-- a - b --><div>]]</div><!---->"};
    static const char *const unsound[] = {"",
                                          "x",
                                          "<p/>",
                                          "<div>",
                                          "</div>",
                                          "<div></p></div>",
                                          "<div/><div/>",
                                          "<div>&nbsp;</div>",
                                          "<div>& </div>",
                                          "<div>&#0;</div>",
                                          "<div>&#xd800;</div>",
                                          "<div>&#1114112;</div>",
                                          "<div>&#;</div>",
                                          "<div>&#12</div>",
                                          "<div a=1/>",
                                          "<div a/>",
                                          "<div a=\"<\"/>",
                                          "<div a=\"1\" a=\"2\"/>",
                                          "<div a=\"1\"b=\"2\"/>",
                                          "<div><x:y/></div>",
                                          "<div>]]></div>",
                                          "<div><!-- a -- b --></div>",
                                          "<div><!--></div>",
                                          "<div><?x?></div>",
                                          "<div a=\"",
                                          "<div",
                                          "<div/>x"};
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++)
        assert_true(mock_xhtml_is_sound(auth_view_from_string(sound[i])));
    for (size_t i = 0; i < sizeof unsound / sizeof *unsound; i++)
        assert_false(mock_xhtml_is_sound(auth_view_from_string(unsound[i])));
    expect(",\"text\":{\"div\":\"<div>\\u00e9<br/></div>\"}", "><text><div>\xc3\xa9<br/></div></text></Patient>");
    expect(",\"text\":{\"div\":\"<div><b></div>\"}",
           "><text><div xmlns=\"" MOCK_XHTML_NAMESPACE "\">&lt;div&gt;&lt;b&gt;&lt;/div&gt;</div></text></Patient>");
}

/* 64 elements inside one another are narrative, and 32 attributes. */
static void test_bounds(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct auth_buf deep, wide;
        auth_buf_init(&deep, 4096);
        auth_buf_init(&wide, 4096);
        for (int i = 0; i < 64 + more; i++)
            auth_buf_add_string(&deep, "<div>");
        for (int i = 0; i < 64 + more; i++)
            auth_buf_add_string(&deep, "</div>");
        auth_buf_add_string(&wide, "<div");
        for (int i = 0; i < 32 + more; i++)
            auth_buf_addf(&wide, " a%d=''", i);
        auth_buf_add_string(&wide, "/>");
        assert_int_equal(mock_xhtml_is_sound(auth_buf_view(&deep)), more == 0);
        assert_int_equal(mock_xhtml_is_sound(auth_buf_view(&wide)), more == 0);
        auth_buf_clear(&deep);
        auth_buf_clear(&wide);
    }
}

static void test_refused(void **state)
{
    (void)state;
    struct auth_buf xml;
    auth_buf_init(&xml, 64);
    assert_int_equal(mock_xml_write(auth_view_from_string("{\"resourceType\":\"Unheard\"}"), &xml), AUTH_E_SYNTAX);
    assert_int_equal(mock_xml_write(auth_view_from_string("[]"), &xml), AUTH_E_SYNTAX);
    assert_int_equal(xml.n, 0);
    assert_int_equal(
        mock_xml_write(auth_view_from_string("{\"resourceType\":\"Patient\",\"gender\":\"abcdefghij\",\"id\":\"a\"}"),
                       &xml),
        AUTH_E_NOMEM);
    auth_buf_clear(&xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order),    cmocka_unit_test(test_beside),
                                       cmocka_unit_test(test_left_out), cmocka_unit_test(test_narrative),
                                       cmocka_unit_test(test_bounds),   cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
