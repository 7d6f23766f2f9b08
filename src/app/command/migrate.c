#include "database/migrate.h"

#include "app/command/command.h"
#include "app/command/place.h"

int command_migrate(const struct arguments *arguments)
{
    (void)arguments;
    struct place place;
    bool done = place_open(&place, PLACE_FOR_MIGRATION) && migrate(place.owner_url);
    place_close(&place);
    return done ? 0 : 1;
}
