/* mock_dispatch() is the whole server without sockets: a request in, an answer out.
 *
 * server.c calls it from its threads; tests, fuzzers and benches call it directly. Which path goes where is the table
 * in dispatch.c. Threads safe. */
#ifndef MOCK_EPIC_SERVER_DISPATCH_H
#define MOCK_EPIC_SERVER_DISPATCH_H

#include "mock_epic/http/message.h"
#include "mock_epic/http/wait.h"
#include "mock_epic/instance/instance.h"

/* Below, main is the instance without a name; requests below /i/NAME go to the one of that name in main->instances. */

/* Answer, waiting in this thread when the request has to wait for something.
 * in   request   borrowed for the call
 * out  response  init by the caller; may borrow from mock afterwards, so send it before mock is cleared */
void mock_dispatch(struct mock_instance *main, const struct mock_request *request, struct mock_response *response);

/* The same in steps, for a caller that must not block.
 * in   wait  zeroed but for `resume` before the first step of a request
 * rc   AUTH_OK: response holds the answer
 *      AUTH_E_WAIT: get ready to be resumed, call mock_dispatch_wait(), and after wait->resume() was called take this
 *      step again with the same request and wait */
AUTH_MUST_CHECK enum auth_rc mock_dispatch_step(struct mock_instance *main, const struct mock_request *request,
                                                struct mock_wait *wait, struct mock_response *response);
void mock_dispatch_wait(struct mock_wait *wait);
/* The request is over, answered or not: give back what the wait holds and zero it but for `resume`. */
void mock_dispatch_end(struct mock_wait *wait);

/* Resume every request that waits for a time, and let none do so any more. */
void mock_dispatch_hurry(struct mock_instance *main);
/* The same for every request that waits for whatever. */
void mock_dispatch_stop(struct mock_instance *main);

/* What the request line and headers alone say about the body: request->body is not looked at.
 * A caller that is refused need not send one: dispatched without, the request is answered the same. */
struct mock_body_rule {
    size_t max;      /* bytes; 413 for more */
    bool is_read;    /* false: whatever comes is of no use to anybody and need not be kept */
    bool is_refused; /* the caller may not do this at all */
};
struct mock_body_rule mock_dispatch_body(const struct mock_instance *main, const struct mock_request *request);

#endif
