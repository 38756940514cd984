/* Linear hashing (Litwin 1980). With bucket_count between `power` and twice that, the first bucket_count - power buckets are
 * split already: their nodes are told apart by one more bit of the hash. */
#include "mock_epic/store/table.h"

#include <stdlib.h>
#include <string.h>

enum { SEGMENTS_MIN = 4 };

/* A chain's second node is a cache miss, so there are twice as many buckets as nodes. */
enum { BUCKETS_PER_NODE = 2 };

enum auth_rc mock_table_init(struct mock_table *table, uint64_t (*hash)(const struct mock_node *node))
{
    memset(table, 0, sizeof *table);
    struct mock_node ***segments = calloc(SEGMENTS_MIN, sizeof *segments);
    struct mock_node **first = calloc(MOCK_TABLE_SEGMENT, sizeof *first);
    if (!segments || !first) {
        free(segments);
        free(first);
        return AUTH_E_NOMEM;
    }
    segments[0] = first;
    *table = (struct mock_table){
        .hash = hash,
        .segments = segments,
        .segment_size = SEGMENTS_MIN,
        .bucket_count = MOCK_TABLE_SEGMENT,
        .power = MOCK_TABLE_SEGMENT,
    };
    return AUTH_OK;
}

void mock_table_clear(struct mock_table *table)
{
    for (size_t i = 0; i * MOCK_TABLE_SEGMENT < table->bucket_count; i++)
        free(table->segments[i]);
    free(table->segments);
    memset(table, 0, sizeof *table);
}

struct mock_node **mock_table_bucket(const struct mock_table *table, size_t index)
{
    return &table->segments[index / MOCK_TABLE_SEGMENT][index % MOCK_TABLE_SEGMENT];
}

static size_t index_of(const struct mock_table *table, uint64_t hash)
{
    size_t index = (size_t)hash & (table->power * 2 - 1);
    return index < table->bucket_count ? index : index & (table->power - 1);
}

struct mock_node **mock_table_chain(const struct mock_table *table, uint64_t hash)
{
    return mock_table_bucket(table, index_of(table, hash));
}

/* Memory for the segment that bucket_count begins. */
static bool add_segment(struct mock_table *table)
{
    size_t count = table->bucket_count / MOCK_TABLE_SEGMENT;
    if (count == table->segment_size) {
        struct mock_node ***grown = realloc(table->segments, table->segment_size * 2 * sizeof *grown);
        if (!grown)
            return false;
        table->segments = grown;
        table->segment_size *= 2;
    }
    table->segments[count] = calloc(MOCK_TABLE_SEGMENT, sizeof **table->segments);
    return table->segments[count] != NULL;
}

/* One bucket more: the one that it is split from gives up the nodes that belong to it. */
static bool grow(struct mock_table *table)
{
    if (table->bucket_count % MOCK_TABLE_SEGMENT == 0 && !add_segment(table))
        return false;
    struct mock_node **from = mock_table_bucket(table, table->bucket_count - table->power);
    struct mock_node **to = mock_table_bucket(table, table->bucket_count);
    size_t fresh = table->bucket_count++;
    while (*from) {
        struct mock_node *node = *from;
        if (index_of(table, table->hash(node)) != fresh) {
            from = &node->next;
            continue;
        }
        *from = node->next;
        node->next = *to;
        *to = node;
    }
    if (table->bucket_count == table->power * 2)
        table->power *= 2;
    return true;
}

/* One bucket less: its nodes go back to the one that it was split from. */
static void shrink(struct mock_table *table)
{
    if (table->bucket_count == table->power)
        table->power /= 2;
    struct mock_node *gone = *mock_table_bucket(table, --table->bucket_count);
    struct mock_node **end = mock_table_bucket(table, table->bucket_count - table->power);
    while (*end)
        end = &(*end)->next;
    *end = gone;
    if (table->bucket_count % MOCK_TABLE_SEGMENT == 0)
        free(table->segments[table->bucket_count / MOCK_TABLE_SEGMENT]);
    else
        *mock_table_bucket(table, table->bucket_count) = NULL;
}

void mock_table_add(struct mock_table *table, struct mock_node *node)
{
    /* two a node keep up; what a walk or a want of memory held up is made good with the rest */
    enum { STEPS = 6 };
    struct mock_node **head = mock_table_chain(table, table->hash(node));
    node->next = *head;
    *head = node;
    table->count++;
    for (int i = 0; i < STEPS && !table->walkers && table->bucket_count < table->count * BUCKETS_PER_NODE; i++) {
        if (!grow(table))
            break;
    }
}

void mock_table_remove(struct mock_table *table, struct mock_node **link)
{
    *link = (*link)->next;
    table->count--;
}

bool mock_table_shrink(struct mock_table *table, size_t steps)
{
    size_t fitting = table->count * BUCKETS_PER_NODE;
    fitting = fitting < MOCK_TABLE_SEGMENT ? MOCK_TABLE_SEGMENT : fitting;
    bool is_shrinking = !table->walkers && table->bucket_count > fitting;
    for (size_t i = 0; is_shrinking && i < steps; i++) {
        shrink(table);
        is_shrinking = table->bucket_count > fitting;
    }
    return is_shrinking;
}

size_t mock_table_bytes(const struct mock_table *table)
{
    size_t segments = (table->bucket_count + MOCK_TABLE_SEGMENT - 1) / MOCK_TABLE_SEGMENT;
    return table->segment_size * sizeof *table->segments + segments * MOCK_TABLE_SEGMENT * sizeof **table->segments;
}
