// What GET / and GET /v1 answer: where to go from here.
#ifndef THIDUA_OPERATE_LINKS_H
#define THIDUA_OPERATE_LINKS_H

#include "http/request.h"

struct reply show_links(struct request *request);

#endif
