# Functions and flags shared by every folder. Nothing here knows a particular layer.
#
#   epic_library(NAME auth_core DIR . [EXCLUDE main.c] [LIBS …])     static library of all *.c in a folder
#   epic_executable(NAME epic-auth SOURCES main.c LIBS …)            program, installed
#   epic_add_test(NAME test_x SOURCES test_x.c LIBS … [LABELS …])    one test program (cmocka)
#   epic_glob_tests(LIBS … [LABELS …])                               every test_*.c, test_*.sh and test_*.py of this folder
#   epic_glob_fuzzers(LIBS …) epic_glob_benches(LIBS …)              every fuzz_*.c, bench_*.c of this folder
#   epic_add_oom_test(NAME test_oom LIBS …)                          one test program whose allocations can be made to fail
#   epic_seal(NAME epic_auth HEADER auth.h PREFIX epic_auth_ LIBRARIES …) archive that exports what the header declares
#   epic_embed(TARGET t SYMBOL s HEADER h FILES …)                   files as a table in .rodata

include_guard(GLOBAL)
include(CheckPIESupported)

option(EPIC_COVERAGE "count lines and branches (gcov)" OFF)
option(EPIC_FUZZ "build fuzz targets with libFuzzer (clang)" OFF)
option(EPIC_LTO "link the programs with link-time optimisation (gcc)" OFF)
set(EPIC_SANITIZE "" CACHE STRING "sanitizers: address,undefined or thread")
if(DEFINED ENV{CI} AND NOT "$ENV{CI}" STREQUAL "false")
    option(EPIC_WERROR "warnings are errors" ON)
else()
    option(EPIC_WERROR "warnings are errors" OFF)
endif()

set(EPIC_ROOT "${PROJECT_SOURCE_DIR}")
set(EPIC_GENERATED "${PROJECT_BINARY_DIR}/generated")
set(EPIC_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Every target links this: the language, the warnings, the hardening.
add_library(epic_flags INTERFACE)
target_include_directories(epic_flags INTERFACE "${EPIC_ROOT}" "${EPIC_GENERATED}")
# POSIX, and getentropy(), which it lacked until 2024. The BSDs show it only where no standard is asked for.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_compile_definitions(epic_flags INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
elseif(APPLE)
    target_compile_definitions(epic_flags INTERFACE _POSIX_C_SOURCE=200809L _DARWIN_C_SOURCE)
endif()
target_compile_options(epic_flags INTERFACE
    -Wall -Wextra -pedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wwrite-strings
    -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wimplicit-fallthrough -fno-common
    "-ffile-prefix-map=${EPIC_ROOT}/=")
if(EPIC_WERROR)
    target_compile_options(epic_flags INTERFACE -Werror)
endif()

if(EPIC_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "EPIC_FUZZ needs clang: cmake -DCMAKE_C_COMPILER=clang")
    endif()
    if(NOT EPIC_SANITIZE)
        set(EPIC_SANITIZE "address,undefined")
    endif()
    target_compile_options(epic_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_compile_definitions(epic_flags INTERFACE EPIC_FUZZ=1)
endif()

if(EPIC_SANITIZE)
    target_compile_options(epic_flags INTERFACE
        "-fsanitize=${EPIC_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(epic_flags INTERFACE "-fsanitize=${EPIC_SANITIZE}")
elseif(EPIC_COVERAGE)
    # atomic: the server counts from several threads
    target_compile_options(epic_flags INTERFACE --coverage -O0 -fprofile-update=atomic)
    target_link_options(epic_flags INTERFACE --coverage)
else()
    target_compile_options(epic_flags INTERFACE -fstack-protector-strong)
    # _FORTIFY_SOURCE warns without optimisation, and some compilers predefine it
    target_compile_options(epic_flags INTERFACE
        $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
endif()
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_link_options(epic_flags INTERFACE -Wl,-z,relro -Wl,-z,now)
endif()

# Objects carry both forms, so that tests link as fast as ever and libepic_auth.a works with every compiler.
if(EPIC_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # gcc does not tell the assembler of -ffile-prefix-map then
    target_compile_options(epic_flags INTERFACE -flto=auto -ffat-lto-objects "-Wa,--debug-prefix-map=${EPIC_ROOT}/=")
endif()

# What only checks, links without LTO: ld would else do it wherever it finds LTO's form, which takes 17 s a program.
set(EPIC_NO_LTO_LINK)
if(EPIC_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set(EPIC_NO_LTO_LINK -fno-lto)
endif()

# A folder without sources yet must still be a library that others can link.
function(epic_empty_source out)
    set(file "${PROJECT_BINARY_DIR}/empty.c")
    if(NOT EXISTS "${file}")
        file(WRITE "${file}" "extern int epic_empty;\n")
    endif()
    set(${out} "${file}" PARENT_SCOPE)
endfunction()

# Static library of every *.c in the current folder but those excluded. LIBS are PRIVATE: who wants a lower layer
# says so itself, and a call to a layer that is not linked fails at link time.
function(epic_library)
    cmake_parse_arguments(A "" "NAME" "EXCLUDE;LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.c")
    foreach(name IN LISTS A_EXCLUDE)
        list(REMOVE_ITEM sources "${CMAKE_CURRENT_SOURCE_DIR}/${name}")
    endforeach()
    if(NOT sources)
        epic_empty_source(sources)
    endif()
    add_library(${A_NAME} STATIC ${sources})
    target_link_libraries(${A_NAME} PRIVATE epic_flags ${A_LIBS})
endfunction()

# The functions PREFIX... that a header declares, one a line, into FILE. Comments may name functions too; they do not count.
function(epic_write_declared header prefix file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}")
    file(READ "${header}" text)
    string(REGEX REPLACE "/\\*[^*]*\\*+([^/*][^*]*\\*+)*/" "" text "${text}")
    string(REGEX MATCHALL "${prefix}[a-z0-9_]+\\(" names "${text}")
    list(TRANSFORM names REPLACE "\\(" "\n")
    list(JOIN names "" text)
    file(CONFIGURE OUTPUT "${file}" CONTENT "${text}" @ONLY)
endfunction()

# Can the objects be made one, in which all other names are local? In ELF, with an objcopy that knows how, and from machine
# code: objects that hold LTO's form alone (somebody's own -flto) have no names before they are linked.
function(epic_can_seal out)
    set(${out} FALSE PARENT_SCOPE)
    string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
    if(NOT CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF" OR NOT CMAKE_OBJCOPY OR CMAKE_INTERPROCEDURAL_OPTIMIZATION
       OR "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${build_type}}" MATCHES "-flto")
        return()
    endif()
    execute_process(COMMAND "${CMAKE_OBJCOPY}" --help OUTPUT_VARIABLE help ERROR_VARIABLE help)
    if(help MATCHES "--keep-global-symbols")
        set(${out} TRUE PARENT_SCOPE)
    endif()
endfunction()

# Static library for other programs, of several of ours, whose names among themselves are nobody else's.
function(epic_seal)
    cmake_parse_arguments(A "" "NAME;HEADER;PREFIX" "LIBRARIES" ${ARGN})
    list(TRANSFORM A_LIBRARIES REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
    epic_can_seal(can_seal)
    if(can_seal)
        set(declared "${EPIC_GENERATED}/${A_NAME}.symbols")
        set(joined "${CMAKE_CURRENT_BINARY_DIR}/${A_NAME}.joined.o")
        set(sealed "${CMAKE_CURRENT_BINARY_DIR}/${A_NAME}.o")
        epic_write_declared("${A_HEADER}" "${A_PREFIX}" "${declared}")
        separate_arguments(flags NATIVE_COMMAND "${CMAKE_C_COMPILER_ARG1} ${CMAKE_C_FLAGS}") # -m32, --target=
        # Plain machine code only: LTO's form is for this very compiler, and names the folder it was built in.
        add_custom_command(OUTPUT "${sealed}" BYPRODUCTS "${joined}"
            COMMAND "${CMAKE_C_COMPILER}" ${flags} -fno-lto -fno-sanitize=all -nostdlib -r -Wl,--build-id=none
                    -o "${joined}" ${objects}
            COMMAND "${CMAKE_OBJCOPY}" --wildcard "--remove-section=.gnu.lto_*" "--remove-section=.gnu.debuglto_*"
                    "--keep-global-symbols=${declared}" "${joined}" "${sealed}"
            DEPENDS ${objects} "${declared}"
            COMMENT "Sealing ${A_NAME}" COMMAND_EXPAND_LISTS VERBATIM)
        set_source_files_properties("${sealed}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
        set(objects "${sealed}")
    else()
        message(STATUS "${A_NAME}: this toolchain cannot make names local; the archive exports its internal ones too")
    endif()
    add_library(${A_NAME} STATIC ${objects})
    add_dependencies(${A_NAME} ${A_LIBRARIES}) # make knows no rule for objects of another folder
    set_target_properties(${A_NAME} PROPERTIES LINKER_LANGUAGE C)
endfunction()

function(epic_executable)
    cmake_parse_arguments(A "" "NAME" "SOURCES;LIBS" ${ARGN})
    add_executable(${A_NAME} ${A_SOURCES})
    target_link_libraries(${A_NAME} PRIVATE epic_flags ${A_LIBS})
    if(EPIC_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
        target_link_options(${A_NAME} PRIVATE -flto=auto)
    endif()
    install(TARGETS ${A_NAME} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# Man pages of the folder's man/ directory.
function(epic_install_man)
    foreach(section 1 3 5 7)
        file(GLOB pages CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/man/*.${section}")
        if(pages)
            install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
        endif()
    endforeach()
endfunction()

# "auth/core/tests" -> "auth_core": two folders may both have a test_http.c
function(epic_scope out)
    file(RELATIVE_PATH path "${EPIC_ROOT}" "${CMAKE_CURRENT_SOURCE_DIR}")
    string(REGEX REPLACE "/(tests|fuzz|bench)$" "" path "${path}")
    string(REPLACE "/" "_" path "${path}")
    set(${out} "${path}" PARENT_SCOPE)
endfunction()

# Where tests find things, for programs as definitions and for scripts as environment.
set(EPIC_TEST_DEFINITIONS
    "EPIC_FIXTURES_DIR=\"${EPIC_ROOT}/fixtures\""
    "EPIC_SOURCE_DIR=\"${EPIC_ROOT}\""
    "EPIC_BIN_DIR=\"${CMAKE_BINARY_DIR}/bin\"")
# EPIC_SLOW: how many times as long as on a fast and quiet machine something may take before a test calls it late or hung.
# This is the one place that decides it; tests multiply by it. A slower machine configures with EPIC_SLOW=9 or more.
set(EPIC_SLOW 3)
if(DEFINED ENV{EPIC_SLOW})
    set(EPIC_SLOW "$ENV{EPIC_SLOW}")
endif()
if(NOT EPIC_SLOW MATCHES "^[1-9][0-9]?[0-9]?$")
    message(FATAL_ERROR "EPIC_SLOW=${EPIC_SLOW}: a whole number from 1 to 999 is needed")
endif()
if(EPIC_SANITIZE MATCHES "thread")
    math(EXPR EPIC_SLOW "${EPIC_SLOW} * 10")
elseif(EPIC_SANITIZE)
    math(EXPR EPIC_SLOW "${EPIC_SLOW} * 4")
elseif(EPIC_COVERAGE)
    math(EXPR EPIC_SLOW "${EPIC_SLOW} * 2")
endif()
math(EXPR EPIC_TEST_TIMEOUT "300 + 30 * ${EPIC_SLOW}")

set(EPIC_TEST_ENVIRONMENT
    "EPIC_SLOW=${EPIC_SLOW}"
    "EPIC_FIXTURES_DIR=${EPIC_ROOT}/fixtures"
    "EPIC_SOURCE_DIR=${EPIC_ROOT}"
    "EPIC_BIN_DIR=${CMAKE_BINARY_DIR}/bin"
    "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1"
    "UBSAN_OPTIONS=print_stacktrace=1")

function(epic_test_properties name labels)
    set_tests_properties(${name} PROPERTIES TIMEOUT ${EPIC_TEST_TIMEOUT} LABELS "${labels}" ENVIRONMENT "${EPIC_TEST_ENVIRONMENT}")
endfunction()

# One test program. A folder's support*.c goes into every test of that folder.
# The target and the ctest name are <layer>.<NAME>, e.g. auth_core.test_json.
function(epic_add_test)
    cmake_parse_arguments(A "" "NAME" "SOURCES;LIBS;LABELS;LINK_OPTIONS;DEPENDS" ${ARGN})
    if(NOT BUILD_TESTING)
        return()
    endif()
    epic_scope(scope)
    set(target "${scope}.${A_NAME}")
    if(TARGET ${target})
        return() # named explicitly before the glob
    endif()
    file(GLOB support CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/support*.c")
    add_executable(${target} ${A_SOURCES} ${support})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    target_compile_definitions(${target} PRIVATE ${EPIC_TEST_DEFINITIONS})
    target_link_libraries(${target} PRIVATE epic_flags ${A_LIBS} PkgConfig::CMOCKA Threads::Threads)
    target_link_options(${target} PRIVATE ${A_LINK_OPTIONS} ${EPIC_NO_LTO_LINK})
    if(A_DEPENDS)
        add_dependencies(${target} ${A_DEPENDS})
    endif()
    add_test(NAME ${target} COMMAND ${target})
    if(NOT A_LABELS)
        set(A_LABELS unit)
    endif()
    epic_test_properties(${target} "${A_LABELS}")
endfunction()

# A test program whose allocations can be made to fail (auth/core/tests/oom.h). Named before the folder's glob.
function(epic_add_oom_test)
    cmake_parse_arguments(A "" "NAME" "LIBS" ${ARGN})
    epic_add_test(NAME ${A_NAME} SOURCES ${A_NAME}.c "${EPIC_ROOT}/auth/core/tests/oom.c"
        LIBS ${A_LIBS} PkgConfig::CJSON PkgConfig::CRYPTO LABELS oom
        LINK_OPTIONS -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=mmap)
endfunction()

# Python with the packages of .ci/packages.check: the system's, not one that somebody put before it in PATH.
find_program(EPIC_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(EPIC_PYTHON python3)

# Every test_*.c of this folder as a program, every test_*.sh and test_*.py as a script, except those added by name before.
function(epic_glob_tests)
    cmake_parse_arguments(A "" "" "LIBS;LABELS;DEPENDS" ${ARGN})
    if(NOT BUILD_TESTING)
        return()
    endif()
    epic_scope(scope)
    file(GLOB programs CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/test_*.c")
    foreach(source IN LISTS programs)
        get_filename_component(name "${source}" NAME_WE)
        epic_add_test(NAME ${name} SOURCES "${source}" LIBS ${A_LIBS} LABELS ${A_LABELS} DEPENDS ${A_DEPENDS})
    endforeach()
    file(GLOB scripts CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/test_*.sh")
    foreach(source IN LISTS scripts)
        get_filename_component(name "${source}" NAME)
        add_test(NAME ${scope}.${name} COMMAND "${source}")
        epic_test_properties(${scope}.${name} "script;${scope}")
    endforeach()
    file(GLOB scripts CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/test_*.py")
    foreach(source IN LISTS scripts)
        get_filename_component(name "${source}" NAME)
        add_test(NAME ${scope}.${name} COMMAND ${EPIC_PYTHON} -B "${source}")
        epic_test_properties(${scope}.${name} "script;${scope}")
    endforeach()
endfunction()

# Fuzz targets. Without EPIC_FUZZ each becomes a test that replays its seeds, their truncations and a few thousand
# fixed mutations, so that a target which no longer builds or already crashes is seen by every developer.
# Seeds: fuzz/corpus/<name>/ beside the source, and the files that <name>.seeds names from the root on. <name>.dict is
# for libFuzzer. SOURCES are files that all targets of the folder share.
function(epic_glob_fuzzers)
    cmake_parse_arguments(A "" "" "LIBS;SOURCES" ${ARGN})
    if(NOT BUILD_TESTING AND NOT EPIC_FUZZ)
        return()
    endif()
    epic_scope(scope)
    file(GLOB programs CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/fuzz_*.c")
    foreach(source IN LISTS programs)
        get_filename_component(name "${source}" NAME_WE)
        set(target "${scope}.${name}")
        add_executable(${target} "${source}" ${A_SOURCES})
        set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
        target_compile_definitions(${target} PRIVATE ${EPIC_TEST_DEFINITIONS})
        target_link_libraries(${target} PRIVATE epic_flags ${A_LIBS} Threads::Threads)
        target_link_options(${target} PRIVATE ${EPIC_NO_LTO_LINK})
        if(EPIC_FUZZ)
            target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        else()
            target_sources(${target} PRIVATE "${EPIC_CMAKE_DIR}/fuzz_replay.c")
            set(seeds "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}")
            if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${name}.seeds")
                file(STRINGS "${CMAKE_CURRENT_SOURCE_DIR}/${name}.seeds" more)
                list(TRANSFORM more PREPEND "${EPIC_ROOT}/")
                list(APPEND seeds ${more})
            endif()
            add_test(NAME ${target} COMMAND ${target} ${seeds})
            epic_test_properties(${target} fuzz)
        endif()
    endforeach()
endfunction()

# Benches are built (so that they keep compiling) but are no tests: nothing timed may fail a build.
function(epic_glob_benches)
    cmake_parse_arguments(A "" "" "LIBS" ${ARGN})
    if(NOT BUILD_TESTING)
        return()
    endif()
    file(GLOB programs CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/bench_*.c")
    foreach(source IN LISTS programs)
        get_filename_component(name "${source}" NAME_WE)
        add_executable(${name} "${source}")
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
        target_compile_definitions(${name} PRIVATE ${EPIC_TEST_DEFINITIONS})
        target_link_libraries(${name} PRIVATE epic_flags ${A_LIBS} Threads::Threads)
        target_link_options(${name} PRIVATE ${EPIC_NO_LTO_LINK})
    endforeach()
endfunction()

# Add the folder's tests/, fuzz/ and bench/ where they exist.
macro(epic_add_checks)
    foreach(epic_sub tests fuzz bench)
        if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${epic_sub}/CMakeLists.txt")
            add_subdirectory(${epic_sub})
        endif()
    endforeach()
endmacro()

# Put files into a library as `const struct auth_embedded_file SYMBOL[]` and `const size_t SYMBOL_count`.
# HEADER declares both. Names in the table are the files' base names, or what follows BASE in their paths. See embed.c for the measured reasons.
function(epic_embed)
    cmake_parse_arguments(A "" "TARGET;SYMBOL;HEADER;BASE" "FILES" ${ARGN})
    if(NOT A_BASE)
        set(A_BASE -)
    endif()
    if(NOT TARGET epic_embed_tool)
        # a build tool, not a product: no sanitizer, no coverage, no -Werror
        add_executable(epic_embed_tool EXCLUDE_FROM_ALL "${EPIC_CMAKE_DIR}/embed.c")
        target_compile_definitions(epic_embed_tool PRIVATE _POSIX_C_SOURCE=200809L)
        set_target_properties(epic_embed_tool PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tools")
    endif()
    set(out "${EPIC_GENERATED}/${A_SYMBOL}.c")
    add_custom_command(OUTPUT "${out}"
        COMMAND epic_embed_tool "${out}" "${A_SYMBOL}" "${A_HEADER}" "${A_BASE}" ${A_FILES}
        DEPENDS epic_embed_tool ${A_FILES}
        COMMENT "Embedding ${A_SYMBOL}" VERBATIM)
    set_source_files_properties("${out}" PROPERTIES COMPILE_OPTIONS "-Wno-overlength-strings")
    target_sources(${A_TARGET} PRIVATE "${out}")
endfunction()
