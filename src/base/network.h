// Addresses of IPv4 and IPv6, and networks of them, as settings and header fields name them.
#ifndef THIDUA_BASE_NETWORK_H
#define THIDUA_BASE_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

struct sockaddr;

enum { ADDRESS_SIZE = 16, ADDRESS_TEXT_SIZE = 46 };

// IPv4 as it is mapped into IPv6 (RFC 4291 section 2.5.5.2), so that ::ffff:10.0.0.1 is 10.0.0.1 everywhere.
struct address {
    unsigned char bytes[ADDRESS_SIZE];
};

struct network {
    struct address address;
    unsigned bits; // of the mapped form: 96 more for IPv4
};

// "10.0.0.1", "fd00::1": no zone, no port, no brackets.
bool address_read(const char *text, struct address *ret_address);
bool address_of_socket(const struct sockaddr *socket, struct address *ret_address);
bool address_is_ipv4(const struct address *address);
// IPv4 with its dots.
void address_write(const struct address *address, char ret_text[static ADDRESS_TEXT_SIZE]);

// "10.1.0.0/16", "fd00::/8", or a single address.
bool network_read(const char *text, struct network *ret_network);
bool network_holds(const struct network *network, const struct address *address);

#endif
