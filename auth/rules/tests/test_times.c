/* exp, nbf and iat: for each way of being off the causes that are named, and the nearest time beside it that has others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/rules/tests/support.h"

#define Z_OLD(exp_s)                                                                                                   \
    {                                                                                                                  \
        "exp.future", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_OLD, TIMES(exp_s)                         \
    }
#define OLD(exp_s)                                                                                                     \
    {                                                                                                                  \
        "exp.future", AUTH_FAIL, AUTH_CAUSE_OLD, .or_else = AUTH_CAUSE_CLOCK_BEHIND, TIMES(exp_s)                      \
    }
#define Z_AHEAD(times)                                                                                                 \
    {                                                                                                                  \
        "iat.past", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_CLOCK_AHEAD, TIMES(times)                   \
    }
#define AHEAD(times)                                                                                                   \
    {                                                                                                                  \
        "iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, TIMES(times)                                                    \
    }
#define Z_LONG(times)                                                                                                  \
    {                                                                                                                  \
        "exp.window", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_LIFETIME, TIMES(times)                    \
    }
#define LONG(times)                                                                                                    \
    {                                                                                                                  \
        "exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, .or_else = AUTH_CAUSE_CLOCK_AHEAD, TIMES(times)                  \
    }
#define NEVER(times)                                                                                                   \
    {                                                                                                                  \
        "exp.future", AUTH_FAIL, AUTH_CAUSE_NO_LIFETIME, TIMES(times)                                                  \
    }

static const struct row rows[] = {
    // clang-format off
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_STRING, TIMES(",\"exp\":\"1790000200\"")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_DURATION, TIMES(",\"exp\":\"5m\"")}, {"exp.type", AUTH_FAIL, AUTH_CAUSE_DURATION, TIMES(",\"exp\":\"PT5M\"")}, {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_STRING, TIMES(",\"exp\":\"in 5 m\"")}, {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_STRING, TIMES(",\"exp\":\"/5m\"")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_STRING, TIMES(",\"exp\":\"PT\"")}, {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_STRING, TIMES(",\"exp\":\"\"")}, {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_DATE, TIMES(",\"exp\":\"datetime(2026, 9, 21)\"")}, {"exp.type", AUTH_FAIL, AUTH_CAUSE_NONE, TIMES(",\"exp\":null")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_EPOCH, TIMES(",\"exp\":1474035218")},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000200,\"iat\":1789996395")}, {"iat.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000200,\"iat\":1789996000")},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000301,\"iat\":1789996395")}, {"nbf.window", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000300,\"nbf\":1789980200")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_FRACTION, TIMES(",\"exp\":1790000200.5")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_NONE, TIMES(",\"exp\":true")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_NONE, TIMES("")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, TIMES(""), .settings = "exp.type=off"},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, TIMES(""), .settings = "exp.type=warn exp.future=off"},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, TIMES(",\"iat\":1790000000"), .settings = "exp.type=off exp.future=off"},
    {"exp.future", AUTH_PASS, AUTH_CAUSE_NONE, TIMES(",\"exp\":1790000001")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_JUST_EXPIRED, .or_else = AUTH_CAUSE_CLOCK_BEHIND, TIMES(",\"exp\":1790000000")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_JUST_EXPIRED, .or_else = AUTH_CAUSE_CLOCK_BEHIND, TIMES(",\"exp\":1789999700")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_OLD, .or_else = AUTH_CAUSE_CLOCK_BEHIND, TIMES(",\"exp\":1789999699")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_OLD, TIMES(",\"exp\":1789996500")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_OLD, .or_else = AUTH_CAUSE_CLOCK_BEHIND, TIMES(",\"exp\":1789998200")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_OLD, .or_else = AUTH_CAUSE_CLOCK_BEHIND, TIMES(",\"exp\":1789994600")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_DURATION, TIMES(",\"exp\":300")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_DURATION, TIMES(",\"exp\":99999999")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_OLD, .or_else = AUTH_CAUSE_CLOCK_BEHIND, TIMES(",\"exp\":100000000")},
    {"exp.window", AUTH_WARN, AUTH_CAUSE_NO_MARGIN, TIMES(",\"exp\":1790000300")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, .or_else = AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000301")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, .or_else = AUTH_CAUSE_TIME_ZONE, TIMES(",\"exp\":1790003600")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790003660")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790007100")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, .or_else = AUTH_CAUSE_CLOCK_AHEAD, TIMES(",\"exp\":1790002000")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_MILLISECONDS, TIMES(",\"exp\":1790000200000")},
    {"exp.window", AUTH_WARN, AUTH_CAUSE_CLOCK_AHEAD, .or_else = AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000301"), .settings = "exp.window=warn"},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, .or_else = AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000420")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, .or_else = AUTH_CAUSE_CLOCK_AHEAD, TIMES(",\"exp\":1790000421")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000301,\"iat\":1790000000")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, TIMES(",\"exp\":1790000301,\"iat\":1790000001")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_CLOCK_AHEAD, TIMES(",\"exp\":1790003840,\"iat\":1790003600")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, .or_else = AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000301,\"iat\":1790000000000")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, .or_else = AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000301,\"iat\":\"x\"")},
    /* a sender in real time, and a clock that was moved: 3600 s ahead, ten months back, frozen a while ago, 30 s behind */
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, MOVED(3600), TIMES(",\"exp\":1789996640,\"iat\":1789996390")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, MOVED(241), TIMES(",\"exp\":1789999999")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, MOVED(-28000000), TIMES(",\"exp\":1818000240,\"iat\":1817999990")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, MOVED(-28000000), TIMES(",\"exp\":1818000240,\"iat\":1817999990")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, MOVED(-28000000), TIMES(",\"exp\":1818000240")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, MOVED(-3600), TIMES(",\"exp\":1790003840")},
    {"nbf.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, MOVED(-30), TIMES(",\"exp\":1790000200,\"nbf\":1790000020")},
    /* moved, and something else is wrong, too */
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, .or_else = AUTH_CAUSE_OLD, MOVED(3600), TIMES(",\"exp\":1789996390")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, .or_else = AUTH_CAUSE_LIFETIME, MOVED(-3600), TIMES(",\"exp\":1790004240")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_MILLISECONDS, MOVED(3600), TIMES(",\"exp\":1790000200000")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, MOVED(-3600), TIMES(",\"exp\":1790007200,\"iat\":1790003600")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_DURATION, MOVED(3600), TIMES(",\"exp\":300")},
    /* moved by too little to be it, or by nothing */
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_CLOCK_AHEAD, MOVED(-5), TIMES(",\"exp\":1790000200,\"iat\":1790003600")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, MOVED(0), TIMES(",\"exp\":1790000200,\"iat\":1790000020")},
    /* a time that was asked for is meant, unless it lies further away than any JWT lives */
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_MOVED, MOVED(-3600), TIMES(",\"iat\":1790003590"), .settings = "exp.type=off"}, /* no exp to fit */
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, CHOSEN(-60), TIMES(",\"exp\":1790000200,\"iat\":1790000020")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, CHOSEN(-300), TIMES(",\"exp\":1790000540,\"iat\":1790000290")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_CHOSEN, CHOSEN(-301), TIMES(",\"exp\":1790000540,\"iat\":1790000290")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_CLOCK_CHOSEN, CHOSEN(86400), TIMES(",\"exp\":1789913840")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_OLD, .or_else = AUTH_CAUSE_CLOCK_BEHIND, CHOSEN(86400), TIMES(",\"exp\":1789913600")},
    {"iat.past", AUTH_WARN, AUTH_CAUSE_NO_MARGIN_BACK, TIMES(",\"exp\":1790000200,\"iat\":1790000000")},
    {"iat.past", AUTH_WARN, AUTH_CAUSE_NO_MARGIN_BACK, TIMES(",\"exp\":1790000200,\"iat\":1790000060"), .settings = "skew_s=60"},
    {"nbf.past", AUTH_WARN, AUTH_CAUSE_NO_MARGIN_BACK, TIMES(",\"exp\":1790000200,\"nbf\":1790000000")},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_MILLISECONDS, TIMES(",\"exp\":1790000200,\"iat\":1790000000000")},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_MILLISECONDS, TIMES(",\"exp\":1790000200000,\"iat\":1790000000")},
    {"exp.window", AUTH_PASS, AUTH_CAUSE_NONE, TIMES(",\"exp\":1790000299"), .settings = "exp.window=warn"},
    {"iat.past", AUTH_PASS, AUTH_CAUSE_NONE, TIMES(",\"exp\":1790000200,\"iat\":1789999999")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, TIMES(",\"exp\":1790000200,\"iat\":1790000001")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, TIMES(",\"exp\":1790000200,\"iat\":1790000120")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, TIMES(",\"exp\":1790000200,\"iat\":1790000121")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_TIME_ZONE, .or_else = AUTH_CAUSE_CLOCK_AHEAD, TIMES(",\"exp\":1790000200,\"iat\":1790003600")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_CLOCK_AHEAD, TIMES(",\"exp\":1790000200,\"iat\":1790100000")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_MILLISECONDS, TIMES(",\"exp\":1790000200,\"iat\":1790000000000")},
    {"iat.type", AUTH_WARN, AUTH_CAUSE_TIME_STRING, TIMES(",\"exp\":1790000200,\"iat\":\"x\""), .settings = "iat.type=warn"},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, TIMES(",\"exp\":1790000200,\"iat\":\"x\""), .settings = "iat.type=warn"},
    {"iat.past", AUTH_WARN, AUTH_CAUSE_RESULT_MISSING, TIMES(",\"exp\":1790000200,\"iat\":\"x\""), .settings = "iat.type=warn iat.past=warn"},
    {"iat.past", AUTH_PASS, AUTH_CAUSE_NONE, TIMES(",\"exp\":1790000200"), .settings = "iat.type=off"},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_AFTER_EXP, TIMES(",\"exp\":1790000010,\"iat\":1790000020"), .settings = "skew_s=60"},
    {"iat.window", AUTH_PASS, AUTH_CAUSE_NONE, TIMES(",\"exp\":1790000200,\"iat\":1789999900")},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790000200,\"iat\":1789999899")},
    {"nbf.window", AUTH_FAIL, AUTH_CAUSE_AFTER_EXP, TIMES(",\"exp\":1790000010,\"nbf\":1790000011"), .settings = "skew_s=60"},

    /* exp alone, off by a time zone: UTC+1 with 300 s to live and with 1 s, and just outside of what fits */
    Z_OLD(",\"exp\":1789996700"), Z_OLD(",\"exp\":1789996401"), OLD(",\"exp\":1789996731"), OLD(",\"exp\":1789996279"),
    /* India, Nepal, Chatham in summer, Kiritimati; a quarter that nobody has; beyond the furthest */
    Z_OLD(",\"exp\":1789980500"), Z_OLD(",\"exp\":1789979600"), Z_OLD(",\"exp\":1789950600"), Z_OLD(",\"exp\":1789949900"),
    OLD(",\"exp\":1789996000"), OLD(",\"exp\":1789949000"),
    /* with iat, to the second; nbf serves where there is no iat */
    Z_OLD(",\"iat\":1789996400,\"exp\":1789996700"), Z_OLD(",\"iat\":1789996325,\"exp\":1789996625"),
    Z_OLD(",\"iat\":1789996415,\"exp\":1789996715"), OLD(",\"iat\":1789996324,\"exp\":1789996624"),
    OLD(",\"iat\":1789996416,\"exp\":1789996716"), Z_OLD(",\"iat\":1789980200,\"exp\":1789980500"),
    Z_OLD(",\"nbf\":1789980195,\"exp\":1789980500"), OLD(",\"nbf\":1789980295,\"exp\":1789980500"),
    OLD(",\"iat\":1789996100,\"exp\":1789996400"), Z_OLD(",\"iat\":\"x\",\"exp\":1789996700"),
    /* ahead: Newfoundland without iat, Delhi with; no zone */
    Z_LONG(",\"exp\":1790012900"), LONG(",\"exp\":1790011600"),
    Z_AHEAD(",\"iat\":1790019795,\"exp\":1790020035"), AHEAD(",\"iat\":1790017400,\"exp\":1790017640"),
    Z_AHEAD(",\"iat\":1790045900,\"exp\":1790046140"), AHEAD(",\"iat\":1790051900,\"exp\":1790052140"),
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_MICROSECONDS, TIMES(",\"exp\":1790000200000000")},
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_MICROSECONDS, TIMES(",\"iat\":1790000000000000,\"exp\":1790000200")},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_MICROSECONDS, TIMES(",\"iat\":1790000000000000,\"exp\":1790000200")},
    /* other units, and other years to count from */
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_MINUTES, TIMES(",\"exp\":29833338")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_MINUTES, TIMES(",\"exp\":29836213")}, /* two days and 20 s of minutes less */
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_DURATION, TIMES(",\"exp\":29836214")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_MINUTES, TIMES(",\"exp\":29830454")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_DURATION, TIMES(",\"exp\":29830453")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_HOURS, TIMES(",\"exp\":497223")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_DAYS, TIMES(",\"exp\":20717")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_DURATION, TIMES(",\"exp\":-29833338")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_DURATION, TIMES(",\"exp\":-9007199254740991")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_EPOCH, TIMES(",\"exp\":811693040")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_EPOCH, TIMES(",\"exp\":843315440")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_EPOCH, TIMES(",\"exp\":63925597040")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_EPOCH, TIMES(",\"exp\":3999161600")},
    LONG(",\"exp\":3999161601"),
    {"iat.past", AUTH_FAIL, AUTH_CAUSE_EPOCH, TIMES(",\"exp\":1790000200,\"iat\":3998988800")},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_MINUTES, TIMES(",\"exp\":1790000200,\"iat\":29833333")},
    {"nbf.window", AUTH_FAIL, AUTH_CAUSE_DAYS, TIMES(",\"exp\":1790000200,\"nbf\":20717")},
    /* minutes in milliseconds, added to seconds */
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME_MS, TIMES(",\"exp\":1790059880")},
    LONG(",\"exp\":1790059879"),
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME_MS, TIMES(",\"exp\":1790300120")},
    LONG(",\"exp\":1790300121"),
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME_MS, TIMES(",\"exp\":1793600000")},
    LONG(",\"exp\":1793600001"),
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME_MS, TIMES(",\"exp\":1790299990,\"iat\":1789999990")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME, TIMES(",\"exp\":1790299991,\"iat\":1789999990")},
    {"exp.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME_MS, TIMES(",\"exp\":1790300000,\"iat\":29833333")},
    {"iat.window", AUTH_FAIL, AUTH_CAUSE_LIFETIME_MS, TIMES(",\"exp\":1790299990,\"iat\":1789999990")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_DATE, TIMES(",\"exp\":\"2026-09-21\"")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_DATE, TIMES(",\"exp\":\"2026-09-21T13:33:20Z\"")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_DATE, TIMES(",\"exp\":\"13:33:20 h\"")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_DATE, TIMES(",\"exp\":\"09/21/2026\"")},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_TIME_STRING, TIMES(",\"exp\":\"-179000\"")},
    /* a minute is no time zone, nor is nothing */
    AHEAD(",\"iat\":1790000060,\"exp\":1790000200"),
    /* the lifetime was forgotten; what came after was not */
    NEVER(",\"iat\":1790000000,\"exp\":1790000000"), NEVER(",\"iat\":1789999995,\"exp\":1789999995"),
    NEVER(",\"iat\":1790000000,\"exp\":1789999700"),
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_JUST_EXPIRED, .or_else = AUTH_CAUSE_CLOCK_BEHIND, TIMES(",\"iat\":1789999999,\"exp\":1790000000")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_JUST_EXPIRED, .or_else = AUTH_CAUSE_CLOCK_BEHIND, TIMES(",\"iat\":1790000000000,\"exp\":1790000000")},
    {"exp.future", AUTH_FAIL, AUTH_CAUSE_DURATION, TIMES(",\"iat\":1790000000,\"exp\":300")},
    // clang-format on
};

static void test_each_turn(void **state)
{
    bench_expect(*state, rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_turn, bench_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
