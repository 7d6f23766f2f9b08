#include "app/command/place.h"
#include "base/log.h"

bool place_open(struct place *place, enum place_use use)
{
    *place = (struct place){0};
    bool good = settings_read(&place->settings);
    log_setup(place->settings.log_json);
    if (use == PLACE_FOR_SERVICE)
        good = settings_open() && good;
    if (!good)
        return false;
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
