// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The overlay on a source that is not a directory, and its clone. Built with the sanitizers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tree/overlay.h"

/* Every path that starts with 'f' is a file whose content is its path; 'l' is a link. */
static int load(const struct kq_source *source, const char *path, struct kq_blob *blob,
		struct kq_error *error)
{
	++*(size_t *)source->self;
	if (path[0] == 'l')
		return kq_fail(error, KQ_REFUSED, "%s is a symbolic link, refused", path);
	blob->exists = path[0] == 'f';
	if (!blob->exists)
		return 0;
	blob->mode = 0755;
	ks_put_str(&blob->content, path);
	return 0;
}

static bool has(struct kq_overlay *overlay, const char *path, const char *content)
{
	struct kq_error error = { 0 };
	struct kq_node *node;

	assert_int_equal(0, kq_overlay_get(overlay, ks_span_str(path), &node, &error));
	return node->exists && ks_span_eq(kq_node_content(node), ks_span_str(content));
}

static void change(struct kq_overlay *overlay, const char *path, const char *content)
{
	struct kq_error error = { 0 };
	struct ks_buf now = { 0 };
	struct kq_node *node;

	assert_int_equal(0, kq_overlay_get(overlay, ks_span_str(path), &node, &error));
	ks_put_str(&now, content);
	kq_node_put(node, &now);
	node->exists = true;
}

static void a_file_is_loaded_once_and_a_refusal_leaves_no_node(void **state)
{
	size_t nr_loads = 0;
	struct kq_source source = { .name = "test", .load = load, .self = &nr_loads };
	__cleanup(kq_overlay_done) struct kq_overlay overlay = { .source = &source };
	struct kq_error error = { 0 };
	struct kq_node *node;

	(void)state;
	assert_true(has(&overlay, "f/1", "f/1"));
	assert_true(has(&overlay, "f/1", "f/1"));
	assert_int_equal(1, nr_loads);
	assert_false(has(&overlay, "none", ""));
	assert_int_equal(KQ_REFUSED, kq_overlay_get(&overlay, ks_span_str("l"), &node, &error));
	assert_string_equal("l is a symbolic link, refused", error.line);
	assert_int_equal(2, overlay.nr);
}

static void a_clone_has_the_state_so_far_and_goes_its_own_way(void **state)
{
	size_t nr_loads = 0;
	struct kq_source source = { .name = "test", .load = load, .self = &nr_loads };
	__cleanup(kq_overlay_done) struct kq_overlay first = { .source = &source };
	__cleanup(kq_overlay_done) struct kq_overlay second = { 0 };
	struct kq_error error = { 0 };
	struct kq_node *node;

	(void)state;
	change(&first, "f/1", "one");
	change(&first, "new", "");
	assert_int_equal(0, kq_overlay_clone(&first, &second, &error));
	assert_true(has(&second, "f/1", "one"));
	assert_true(has(&second, "new", ""));
	assert_int_equal(2, nr_loads);
	change(&first, "f/1", "two");
	assert_true(has(&second, "f/1", "one"));
	change(&second, "f/1", "f/1");
	assert_true(has(&first, "f/1", "two"));
	assert_int_equal(0, kq_overlay_get(&second, ks_span_str("f/1"), &node, &error));
	assert_false(kq_node_differs(node));
	node->executable = false;
	assert_true(kq_node_differs(node));
	assert_true(has(&second, "f/2", "f/2"));
	assert_int_equal(3, nr_loads);
	assert_int_equal(2, first.nr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_loaded_once_and_a_refusal_leaves_no_node),
		cmocka_unit_test(a_clone_has_the_state_so_far_and_goes_its_own_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
