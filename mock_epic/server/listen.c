/* From a text to a socket that listens. */
#include "mock_epic/server/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/core/url.h"

static enum auth_rc split(const char *text, char host[128], char port[8], struct auth_err *err)
{
    struct auth_authority address;
    if (!auth_authority_parse(auth_view_from_string(text), &address) || !address.has_port || address.host.n >= 128)
        return auth_err_set(err, AUTH_E_ARG, "--listen %s: write ADDRESS:PORT, e.g. 127.0.0.1:8423 or [::1]:0", text);
    memcpy(host, address.host.p, address.host.n);
    host[address.host.n] = '\0';
    (void)snprintf(port, 8, "%u", address.port);
    return AUTH_OK;
}

static int open_listener(const struct addrinfo *address)
{
    int on = 1, off = 0;
    int fd = socket(address->ai_family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* `run` starts a command: it must not inherit the port */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ai_family == AF_INET6) /* [::] means everybody, whatever the system's default */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, 1024) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t n = sizeof address;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (getsockname(fd, (struct sockaddr *)&address, &n) != 0)
        return 0;
    memcpy(&v4, &address, sizeof v4);
    memcpy(&v6, &address, sizeof v6);
    return ntohs(address.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

enum auth_rc mock_listen(const char *text, int *fd, unsigned *port, struct auth_err *err)
{
    char host[128], service[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *addresses = NULL;
    enum auth_rc rc = split(text, host, service, err);
    if (rc != AUTH_OK)
        return rc;
    int found = getaddrinfo(host, service, &hints, &addresses);
    if (found != 0)
        return auth_err_set(err, AUTH_E_IO, "--listen %s: %s", text, gai_strerror(found));
    *fd = open_listener(addresses);
    int why = errno;
    freeaddrinfo(addresses);
    if (*fd < 0)
        return auth_err_set(err, AUTH_E_IO, "--listen %s: %s%s", text, strerror(why),
                            why == EADDRINUSE ? " (port 0 picks a free one)" : "");
    *port = port_of(*fd);
    return AUTH_OK;
}
