// Which database a command works on: the one of the environment, or the private cluster, started if need be.
#ifndef THIDUA_APP_COMMAND_PLACE_H
#define THIDUA_APP_COMMAND_PLACE_H

#include "app/settings.h"
#include "database/cluster.h"

#include <stdbool.h>

struct place {
    struct settings settings;
    struct cluster cluster;
    const char *url, *owner_url;
    bool private_cluster;
};

// Only `thidua serve` needs the files that settings name, and only it and `thidua migrate` make a database.
enum place_use { PLACE_FOR_COMMAND, PLACE_FOR_MIGRATION, PLACE_FOR_SERVICE };
// False after a line for each setting that does not fit, or one log line.
bool place_open(struct place *place, enum place_use use);
void place_close(struct place *place);

#endif
