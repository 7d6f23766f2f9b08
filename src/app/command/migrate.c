#include "database/migrate.h"

#include "app/command/command.h"

#include <stdio.h>

int command_migrate(int count, char *arguments[])
{
    (void)count, (void)arguments;
    struct place place;
    bool done = place_open(&place, PLACE_FOR_COMMAND) && migrate(place.owner_url);
    place_close(&place);
    return done ? 0 : 1;
}

int command_version(int count, char *arguments[])
{
    (void)count, (void)arguments;
    return puts("thidua " THIDUA_VERSION) < 0;
}
