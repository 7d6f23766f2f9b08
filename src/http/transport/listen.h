// The listening sockets of the event loops: one each, all on the same port. They take their address at once, and
// connections when the service is ready for them.
#ifndef THIDUA_HTTP_TRANSPORT_LISTEN_H
#define THIDUA_HTTP_TRANSPORT_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

// How many sockets systemd has handed to this very process.
int listen_handed(void);
// The caller's to close; -1 with the reason where there is none. `first`: nobody else may have the port. Where `*port`
// is 0 it becomes the free one that was found. Loops are started one after another, by one thread. Where systemd has
// handed over sockets (sd_listen_fds(3)), the loops share those, and address and port are theirs.
int listen_on(const char *address, uint16_t *port, bool first, const char **ret_reason);
// Whether still nobody else listens there: another service may have taken the same port since.
bool listen_may_begin(const char *address, uint16_t port);
// From now on connections come.
bool listen_begin(int descriptor);

#endif
