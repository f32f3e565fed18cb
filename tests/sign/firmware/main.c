// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * images IMAGES LISTS: fill both directories, print the names of the stores.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "images.h"

#define MAX_IMAGES 1000U

static struct {
	char name[64];
	struct bytes image;
} images[MAX_IMAGES];
static size_t nr_images;

void add_image(const char *name, struct bytes image)
{
	size_t i;

	for (i = 0; i < nr_images; i++)
		if (!strcmp(images[i].name, name))
			die("%s: two images of one name", name);
	if (nr_images == MAX_IMAGES)
		die("too many images");
	snprintf(images[nr_images].name, sizeof(images[0].name), "%s", name);
	images[nr_images++].image = image;
}

struct bytes image_named(const char *name)
{
	size_t i;

	for (i = 0; i < nr_images; i++)
		if (!strcmp(images[i].name, name))
			return images[i].image;
	die("%s: no such image", name);
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc != 3)
		die("usage: images IMAGES LISTS");
	make_identities();
	add_signatures();
	add_table_images();
	add_header_images();
	add_loader_images();
	for (i = 0; i < nr_images; i++)
		write_file(argv[1], images[i].name, ".efi", images[i].image);
	write_stores(argv[2]);
	return 0;
}
