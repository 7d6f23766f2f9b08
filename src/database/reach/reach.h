// How PostgreSQL is reached, and how it is given up: every connection of the process counts as one of a group.
#ifndef THIDUA_DATABASE_REACH_REACH_H
#define THIDUA_DATABASE_REACH_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pg_conn; // libpq's PGconn

// ---- group.c: a server that hangs neither answers nor closes: whoever finds out ends the waiting of all ----

// A connection that was made. It leaves by PQfinish().
void group_join(struct pg_conn *connection);
// Ends the connections that were made before this instant (monotonic_ns). Whoever waits on one sees it lost.
void group_give_up(int64_t made_before);
// The process ends: the same for all connections, and no more are made.
void group_close(void);
bool group_is_closed(void);
// A connection was made that can be used: whoever pauses between attempts of its own need not wait longer.
void group_note_reached(void);
bool group_reached_since(int64_t instant); // monotonic_ns

// ---- addresses.c: the addresses of names, which are looked up beside whoever needs them ----

enum { ADDRESS_SIZE = 256 }; // also of a name
// Else it is an address, or a socket's directory.
bool address_is_name(const char *host);
// Begins to look it up, where nobody does.
void address_seek(const char *host);
// Until it is not being looked up. False where that lasts until this instant (monotonic_ns).
bool address_await(const char *host, int64_t until);
// What is known of it, in the order in which they are to be tried.
unsigned addresses_of(const char *host, unsigned most, char ret_addresses[][ADDRESS_SIZE]);
// The one whose turn it is; 0: the one by which it was last reached. What is old is looked up anew, and not waited for.
// False where none is known.
bool address_at_once(const char *host, unsigned turn, char ret_address[static ADDRESS_SIZE]);
// By which address it was reached.
void address_note(const char *host, const char *address);
// Why none is known.
void address_fault(const char *host, char *ret_text, size_t size);

// ---- hosts.c: of several hosts in a connection string, which is tried first ----

enum { HOSTS_SIZE = 1024 };
// Texts for the parameters of the same names, in the order in which the hosts are to be tried.
struct hosts {
    char host[HOSTS_SIZE], hostaddr[HOSTS_SIZE], port[HOSTS_SIZE];
    const char *wanted; // target_session_attrs; NULL: as the connection string has it
};
// WAY_FOUND: `ret_hosts` are those for which libpq need not look up a name. WAY_UNKNOWN: there is none, as yet.
// WAY_AS_IT_STANDS: the connection string names no host, and says all.
enum way { WAY_FOUND, WAY_UNKNOWN, WAY_AS_IT_STANDS };
enum way hosts_in_order(const char *url, struct hosts *ret_hosts);
// The same, beginning with the host of that number, counted around; in each round with its next address.
enum way hosts_at_once(const char *url, unsigned begin, struct hosts *ret_hosts);
// An attempt ended in a connection, or stood at a host that is silent: the next one begins there, or behind it.
void hosts_reached(const char *url, const struct pg_conn *connection);
void hosts_silent(const char *url, const struct pg_conn *connection);
// Whether attempts begin at the host at which this one stands. Where they do not, another one was faster.
bool hosts_begin_at(const char *url, const struct pg_conn *connection);

#endif
