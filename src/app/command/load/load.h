// The kinds of files that `thidua load` takes beside plans.
#ifndef THIDUA_APP_COMMAND_LOAD_LOAD_H
#define THIDUA_APP_COMMAND_LOAD_LOAD_H

#include "app/command/place.h"

#include <jansson.h>

// `holidays`: the file's member "public_holidays". False with the reason on standard error.
bool load_holidays(struct place *place, const char *file, json_t *holidays);
// Reads every text of the file as all texts of one line are read, for each is shown to somebody some day. False with
// lines that name the others.
bool load_texts(const char *file, json_t *json);

#endif
