// What the files of the private cluster share.
#ifndef THIDUA_DATABASE_CLUSTER_PRIVATE_H
#define THIDUA_DATABASE_CLUSTER_PRIVATE_H

#include "database/cluster/cluster.h"

#include <stddef.h>

// The file in var that every user of the cluster holds shared.
extern const char cluster_in_use[];
// Held alone by the one that starts it.
extern const char cluster_start_lock[];
// Held alone by the PostgreSQL that runs on it. Its postmaster.pid tells of no process that can be seen from elsewhere,
// as from another container, and two at once would destroy the data.
extern const char cluster_server_lock[];

// ---- cluster_make.c: how it comes to be ----

// Nothing is there, or what a start left that was cut off before any server ran on it: no data can be lost.
bool cluster_to_be_made(const struct cluster *cluster);
// Each does nothing where there is nothing to do.
bool cluster_make(struct cluster *cluster);
bool cluster_make_database(const struct cluster *cluster);

// ---- cluster_run.c: how it is started ----

enum lock_way { LOCK_ALONE, LOCK_SHARED };
enum { LOCK_FOR_EVER = -1 };
// A file of var, locked until it is closed. -1: it cannot be had (errno EWOULDBLOCK: in `wait_ms`, or where that is for
// ever, before this process was told to stop).
int cluster_lock(const struct cluster *cluster, const char *name, enum lock_way way, int wait_ms);
bool cluster_runs(const struct cluster *cluster);
bool cluster_answers(const struct cluster *cluster);
// One attempt. True also where it recovers first; false also while another process starts it.
bool cluster_start_again(struct cluster *cluster);
// One that lost its socket makes none while it runs: stops it and starts it again.
bool cluster_restart(struct cluster *cluster);
// Starts it where it does not run, and waits until it takes connections.
bool cluster_run_up(struct cluster *cluster);
// `seconds`: how long to wait for its end.
bool cluster_stop_server(const struct cluster *cluster, const char *seconds);

// One log line. Always false.
bool cluster_fail(const char *reason, const char *path);
// A lock cannot be had, as errno tells.
bool cluster_fail_without_locks(const struct cluster *cluster);

// ---- cluster_place.c: where it is, and whether that can be trusted ----

// Fills the paths, the programs and the user. `make`: also makes var.
bool cluster_find(struct cluster *cluster, const char *var, bool make);
bool cluster_exists(const struct cluster *cluster);
// The socket's directory of the PostgreSQL that runs, as its postmaster.pid tells it: false while it does not tell.
bool cluster_find_socket(struct cluster *cluster);
// Its socket is no longer where it made it, as where somebody cleans /tmp: it runs, and nobody reaches it any more.
bool cluster_lost_socket(const struct cluster *cluster);
bool cluster_trust_socket(const struct cluster *cluster);
// A directory for the socket of one that is to be started.
bool cluster_make_socket(struct cluster *cluster);
// Where it had to be outside var it goes with PostgreSQL.
void cluster_remove_socket(const struct cluster *cluster);
// Makes the directory, or holds what is there against what it must be: ours alone, and no link.
bool cluster_make_directory(const struct cluster *cluster, const char *path);

// ---- cluster_program.c: what runs as its user ----

// This process was told to stop, by a signal that it has blocked until it serves.
bool cluster_is_stopped(void);
enum { CLUSTER_POLL_MS = 20 };
void cluster_pause(long milliseconds);
// Runs one of PostgreSQL's programs, or a program by its full path, to its end, as the cluster's user and with its
// output in the cluster's log. Whether it ended with 0. What makes the cluster is ended where this process is told to
// stop.
bool cluster_run(const struct cluster *cluster, const char *program, const char *const arguments[]);
// The same; and of what it said, why it failed, also where the log's disk has no room for that. Empty: it did not say.
bool cluster_run_told(const struct cluster *cluster, const char *program, const char *const arguments[],
                      char *ret_reason, size_t size);
// Writes a file of the cluster, as its user. `append`: to what is there.
bool cluster_write(const struct cluster *cluster, const char *path, const char *text, bool append);

#endif
