// Which database a command works on: the one of the environment, or the private cluster, started if need be.
#ifndef THIDUA_APP_COMMAND_PLACE_H
#define THIDUA_APP_COMMAND_PLACE_H

#include "app/settings.h"
#include "database/cluster/cluster.h"
#include "database/session.h"

#include <stdbool.h>

// Only `thidua serve` needs the files that settings name, and only it and `thidua migrate` make a database.
enum place_use { PLACE_FOR_COMMAND, PLACE_FOR_MIGRATION, PLACE_FOR_SERVICE };

struct place {
    enum place_use use;
    struct settings settings;
    struct cluster cluster;
    const char *url, *owner_url;
    bool private_cluster;
    struct session_options session; // of place_connect()
};

// Reads the settings, and the files that they name where they are needed. False after a line for each that does not
// fit.
bool place_read(struct place *place, enum place_use use);
// Starts the private cluster, where the settings name no database. False after one log line.
bool place_start(struct place *place);
bool place_open(struct place *place, enum place_use use); // both
void place_close(struct place *place);

// The connection of a command, such as "thidua load", to `url` or `owner_url` of the place, by the clock of the
// settings. NULL after a line that says why there is none.
struct session *place_connect(struct place *place, const char *url, const char *command);

#endif
