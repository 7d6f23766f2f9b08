// What the files of the private cluster share.
#ifndef THIDUA_DATABASE_CLUSTER_CLUSTER_PRIVATE_H
#define THIDUA_DATABASE_CLUSTER_CLUSTER_PRIVATE_H

#include "database/cluster/cluster.h"

#include <stddef.h>

// One log line. Always false.
bool cluster_fail(const char *reason, const char *path);

// ---- cluster_place.c: where it is, and whether that can be trusted ----

// Fills the paths, the programs and the user. `make`: also makes var.
bool cluster_find(struct cluster *cluster, const char *var, bool make);
bool cluster_exists(const struct cluster *cluster);
// The socket's directory of the PostgreSQL that runs, as its postmaster.pid tells it.
bool cluster_find_socket(struct cluster *cluster);
// A directory for the socket of one that is to be started.
bool cluster_make_socket(struct cluster *cluster);
// Where it had to be outside var it goes with PostgreSQL.
void cluster_remove_socket(const struct cluster *cluster);
// Makes the directory, or holds what is there against what it must be: ours alone, and no link.
bool cluster_make_directory(const struct cluster *cluster, const char *path);

// ---- cluster_program.c: what runs as its user ----

// In a child: becomes the program, as the cluster's user, with its output in the cluster's log. Never returns.
_Noreturn void cluster_become(const struct cluster *cluster, const char *program, const char *const arguments[]);
// Runs one of PostgreSQL's programs, or a program by its full path, to its end. Whether it ended with 0.
bool cluster_run(const struct cluster *cluster, const char *program, const char *const arguments[]);
// Writes a file of the cluster, as its user. `append`: to what is there.
bool cluster_write(const struct cluster *cluster, const char *path, const char *text, bool append);

#endif
