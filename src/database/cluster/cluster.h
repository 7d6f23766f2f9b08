// The private PostgreSQL of a machine without DATABASE_URL: a cluster under var/, unix socket only, run by an ordinary
// user even when the service was started by root (PostgreSQL refuses root).
//
// It runs exactly as long as some program of ours uses it: each holds var/in-use.lock shared. The one that starts it
// also leaves a keeper behind, a process that waits for the lock alone: it gets it when the last user is gone, however
// that one ended, and then stops PostgreSQL.
#ifndef THIDUA_DATABASE_CLUSTER_CLUSTER_H
#define THIDUA_DATABASE_CLUSTER_CLUSTER_H

#include <stdbool.h>
#include <sys/types.h>

struct cluster {
    char var[900];    // full path
    char data[1024];  // data directory
    char log[1024];   // what PostgreSQL's programs had to say
    char socket[100]; // directory of the unix socket (a socket's path holds 107 bytes at most)
    char url[256];    // connection string of the application's role
    char owner_url[256];
    char binaries[256];
    uid_t user; // who runs it
    gid_t group;
    char user_name[64];
    int in_use; // var/in-use.lock, held shared; -1: not open
    int making; // var/make.lock, held while it is made, also by initdb; -1: not open
    int server; // var/server.lock, which PostgreSQL holds on to until its last process has ended; -1: not open
};

enum cluster_use {
    CLUSTER_FOUND, // it must be there: a command in a wrong directory must not make another, empty one
    CLUSTER_MADE,  // it is made where there is none
};

// Starts the cluster where it does not run, and waits until it serves, also where it recovers first. False after one
// log line that says what is missing.
bool cluster_start(struct cluster *cluster, const char *var, enum cluster_use use);
// Stops it unless another program uses it. Does nothing where it was not started and `in_use` is -1.
void cluster_stop(struct cluster *cluster);

// In a thread of its own: starts it again where it died, until cluster_watch_stop().
bool cluster_watch_start(const struct cluster *cluster);
void cluster_watch_stop(void);

#endif
