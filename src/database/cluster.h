// The private PostgreSQL of a machine without DATABASE_URL: a cluster under var/, unix socket only, run by an ordinary
// user even when the service was started by root (PostgreSQL refuses root).
#ifndef THIDUA_DATABASE_CLUSTER_H
#define THIDUA_DATABASE_CLUSTER_H

#include <stdbool.h>

struct cluster {
    char data[1024];  // data directory
    char log[1024];   // what PostgreSQL's programs had to say
    char socket[100]; // directory of the unix socket (a socket's path holds 107 bytes at most)
    char url[256];    // connection string of the application's role
    char owner_url[256];
    char binaries[256];
    unsigned user, group; // who runs it
    int lock;             // var/owner.lock: the first program to take it also stops the cluster when it ends
    bool owned;
};

// Creates the cluster where there is none, starts it where it does not run, and creates roles and database.
// False after one log line that says what is missing.
bool cluster_start(struct cluster *cluster, const char *var);
void cluster_stop(struct cluster *cluster);

#endif
