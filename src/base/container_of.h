// From a member to the struct that it is part of.
#ifndef THIDUA_BASE_CONTAINER_OF_H
#define THIDUA_BASE_CONTAINER_OF_H

#include <stddef.h>

#define container_of(pointer, container, member) ((container *)(void *)((char *)(pointer)-offsetof(container, member)))

#endif
