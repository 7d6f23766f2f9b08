#include "app/command/command.h"
#include "base/log.h"
#include "database/session.h"

#include <stdio.h>

// The value is not shown: it may hold a password.
static bool url_fits(const char *name, const char *url)
{
    if (!url || session_url_fits(url))
        return true;
    fprintf(stderr, "thidua: %s: postgresql://USER:PASSWORD@HOST/DATABASE is needed, or host=… dbname=… user=…\n",
            name);
    return false;
}

bool place_read(struct place *place)
{
    *place = (struct place){0};
    if (!settings_read(&place->settings) || !url_fits("DATABASE_URL", place->settings.database_url) ||
        !url_fits("DATABASE_OWNER_URL", place->settings.database_owner_url))
        return false;
    log_setup(place->settings.log_json);
    place->url = place->settings.database_url;
    place->owner_url = place->settings.database_owner_url ? place->settings.database_owner_url : place->url;
    place->private_cluster = !place->url;
    return true;
}

bool place_start(struct place *place)
{
    if (!place->private_cluster)
        return true;
    if (!cluster_start(&place->cluster, place->settings.var))
        return false;
    place->url = place->cluster.url;
    place->owner_url = place->cluster.owner_url;
    return true;
}

bool place_open(struct place *place)
{
    return place_read(place) && place_start(place);
}

void place_close(struct place *place)
{
    if (place->private_cluster)
        cluster_stop(&place->cluster);
}
