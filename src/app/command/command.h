// The command line: one function a command. Each returns the exit status.
#ifndef THIDUA_APP_COMMAND_COMMAND_H
#define THIDUA_APP_COMMAND_COMMAND_H

#include "app/settings.h"
#include "database/cluster.h"

#include <stdbool.h>

// Which database a command works on: the one of the environment, or the private cluster, started if need be.
struct place {
    struct settings settings;
    struct cluster cluster;
    const char *url, *owner_url;
    bool private_cluster;
};
// Only `thidua serve` needs the files that settings name.
enum place_use { PLACE_FOR_COMMAND, PLACE_FOR_SERVICE };
// False after a line for each setting that does not fit, or one log line.
bool place_open(struct place *place, enum place_use use);
void place_close(struct place *place);

int command_serve(int count, char *arguments[]);
int command_migrate(int count, char *arguments[]);
int command_load(int count, char *arguments[]);
int command_health(int count, char *arguments[]);
int command_key(int count, char *arguments[]);
int command_evaluate(int count, char *arguments[]);
int command_verify(int count, char *arguments[]);
int command_settings(int count, char *arguments[]);
int command_routes(int count, char *arguments[]);
int command_version(int count, char *arguments[]);

#endif
