#include "command/command.h"
#include "log.h"

#include <stdlib.h>

bool place_open(struct place *place)
{
    *place = (struct place){0};
    if (!settings_read(&place->settings))
        return false;
    log_setup(place->settings.log_json);
    place->url = place->settings.database_url;
    place->owner_url = place->settings.database_owner_url ? place->settings.database_owner_url : place->url;
    if (place->url)
        return true;
    place->private_cluster = true;
    if (!cluster_start(&place->cluster, place->settings.var))
        return false;
    place->url = place->cluster.url;
    place->owner_url = place->cluster.owner_url;
    return true;
}

void place_close(struct place *place)
{
    if (place->private_cluster)
        cluster_stop(&place->cluster);
}
