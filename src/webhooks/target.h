// Where webhooks may go: THIDUA_WEBHOOK_ALLOW. A URL is judged when a webhook is made and again before each attempt;
// the address is judged when the connection is opened, after the name was resolved: a name that first points elsewhere
// (DNS rebinding) is no way in.
#ifndef THIDUA_WEBHOOKS_TARGET_H
#define THIDUA_WEBHOOKS_TARGET_H

#include <stdbool.h>

struct sockaddr;

// The list: names of hosts, addresses and networks (10.1.0.0/16, fd00::/8), separated by commas; `public` for every
// public address, which is also what NULL means. What a host or network of the list is reached by may be private and by
// http. False where an entry is none of these.
bool targets_configure(const char *allow);

enum target_fault {
    TARGET_GOOD,
    TARGET_MALFORMED, // no URL of https or http, in ASCII, with a host and without user, password and fragment
    TARGET_OPEN,      // http to what the list does not name
    TARGET_REFUSED,   // an address or host that the list does not let through
};
// `ret_listed`: the list names its host, whatever its address.
enum target_fault target_judge(const char *url, bool *ret_listed);
bool target_address_allowed(const struct sockaddr *address, bool listed);

#endif
