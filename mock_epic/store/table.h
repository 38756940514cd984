/* A hash table that never stops to tidy up: linear hashing. It grows and shrinks by one bucket at a time, a step with each
 * node that comes, so that the dearest insertion moves one chain and allocates at most one small block.
 *
 * Nodes are the caller's, chained through the struct mock_node that stands first in them; so are their memory, the comparing
 * of keys, and the lock: nothing here is safe for threads by itself. Starts with 2 KB. */
#ifndef MOCK_EPIC_STORE_TABLE_H
#define MOCK_EPIC_STORE_TABLE_H

#include "auth/core/buf.h"

struct mock_node {
    struct mock_node *next;
};

struct mock_table {
    uint64_t (*hash)(const struct mock_node *node); /* all of its low bits must be good */
    struct mock_node ***segments;                   /* of MOCK_TABLE_SEGMENT buckets each */
    size_t segment_size;                            /* pointers that `segments` can hold */
    size_t bucket_count;
    size_t power;     /* the largest power of two that is at most bucket_count */
    size_t count;     /* nodes */
    unsigned walkers; /* while there are any, buckets keep their nodes: see mock_table_bucket() */
};

enum { MOCK_TABLE_SEGMENT = 256 };

/* rc  AUTH_E_NOMEM: the table holds nothing to clear */
AUTH_MUST_CHECK enum auth_rc mock_table_init(struct mock_table *table, uint64_t (*hash)(const struct mock_node *node));
/* Forget the nodes, which must be freed by now or elsewhere, and give back all memory. Zeroed is fine. */
void mock_table_clear(struct mock_table *table);

/* Head of the chain where a node of that hash is or would be: follow `next` and compare. */
struct mock_node **mock_table_chain(const struct mock_table *table, uint64_t hash);
/* Add a node and take a step of growth. Without memory chains get longer, and nothing is lost. */
void mock_table_add(struct mock_table *table, struct mock_node *node);
/* Take out the node that *link (a head, or a node's next) points to. */
void mock_table_remove(struct mock_table *table, struct mock_node **link);

/* Take up to `steps` steps towards the size that fits the count. True when there is more to do. */
bool mock_table_shrink(struct mock_table *table, size_t steps);

/* Walking: `walkers` up, then bucket 0 .. bucket_count - 1, and `walkers` down. In between others may add and remove nodes;
 * each node that was there all the time is met exactly once. */
struct mock_node **mock_table_bucket(const struct mock_table *table, size_t index);

/* Bytes of the table's own memory. */
size_t mock_table_bytes(const struct mock_table *table);

#endif
