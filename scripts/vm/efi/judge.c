// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An EFI application that lets the firmware judge images: it works through the file \plan of its own
 * disk and writes what the firmware answered to the debug port 0xe9.
 *
 *	store NAME	SetVariable() of \stores\NAME\db.auth and dbx.auth
 *	image NAME	LoadImage() of \images\NAME, and the Security2 protocol alone, which is the
 *			verdict about the signature without the loader behind it
 *
 * After each image \control.efi is loaded, which every store allows: once it is refused the firmware's
 * memory is damaged, and nothing that it says is worth anything. No image is ever started.
 *
 * For line N of the plan, statuses in hex:
 *
 *	try N
 *	store N <db> <dbx>
 *	image N <security> <load> <control>
 *	end
 */
#include "uefi.h"

/* The longest path of the plan, in characters. */
#define MAX_PATH 240U

static struct efi_boot_services *boot;
static struct efi_runtime_services *runtime;
static struct efi_security2 *security;
static struct efi_file *root;
static struct efi_device_path *disk;
static efi_handle self;

static const struct efi_guid image_guid = {
	0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b },
};
static const struct efi_guid files_guid = {
	0x964e5b22, 0x6459, 0x11d2, { 0x8e, 0x39, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b },
};
static const struct efi_guid path_guid = {
	0x09576e91, 0x6d3f, 0x11d2, { 0x8e, 0x39, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b },
};
static const struct efi_guid security2_guid = {
	0x94ab2f58, 0x1438, 0x4ef1, { 0x91, 0x52, 0x18, 0x94, 0x1a, 0x3a, 0x0e, 0x68 },
};
static const struct efi_guid image_db_guid = {
	0xd719b2cb, 0x3d3a, 0x4596, { 0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f },
};

/* What the compiler may call. */
void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

void *memcpy(void *to, const void *from, size_t bytes)
{
	char *t = to;
	const char *f = from;

	while (bytes--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	char *t = to;

	while (bytes--)
		*t++ = (char)value;
	return to;
}

static void say_char(char c)
{
	__asm__ volatile("outb %0, %1" : : "a"(c), "Nd"((uint16_t)0xe9));
}

static void say(const char *text)
{
	while (*text)
		say_char(*text++);
}

static void say_number(uint64_t value, unsigned int base)
{
	char digits[21];
	size_t nr = 0;

	do
		digits[nr++] = "0123456789abcdef"[value % base];
	while (value /= base);
	say_char(' ');
	while (nr)
		say_char(digits[--nr]);
}

/* "\\stores\\" and the name, NUL-terminated; false when it is too long. */
struct path {
	efi_char text[MAX_PATH + 1];
	size_t chars;
};

static void path_add(struct path *path, const char *text, size_t chars)
{
	while (chars-- && path->chars < MAX_PATH)
		path->text[path->chars++] = (efi_char)*text++;
	path->text[path->chars] = 0;
}

static size_t length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

struct text {
	const char *at;
	size_t left;
};

static struct path make_path(const char *directory, struct text name, const char *file)
{
	struct path path;

	path.chars = 0;
	path_add(&path, directory, length(directory));
	path_add(&path, name.at, name.left);
	path_add(&path, file, length(file));
	return path;
}

/* The end of a file is asked for, not believed from somewhere. */
static efi_status load_file(struct path *path, void **ret, uint64_t *ret_bytes)
{
	struct efi_file *file;
	uint64_t bytes = 0, size = 1U << 20;
	efi_status status = root->open(root, &file, path->text, EFI_FILE_READ, 0);

	*ret = NULL;
	if (status)
		return status;
	for (;;) {
		status = boot->allocate_pool(EFI_LOADER_DATA, size, ret);
		if (status)
			break;
		bytes = size;
		status = file->read(file, &bytes, *ret);
		if (status || bytes < size)
			break;
		boot->free_pool(*ret);
		size *= 4;
		file->set_position(file, 0);
	}
	file->close(file);
	*ret_bytes = bytes;
	return status;
}

/* The disk's own path without its end, then one node for the file. */
static struct efi_device_path *device_path(const struct path *file)
{
	struct efi_device_path *node = disk, end = { 0x7f, 0xff, { 4, 0 } };
	size_t before = 0, name = (file->chars + 1) * sizeof(efi_char);
	struct efi_device_path here = {
		4, 4, { (uint8_t)(name + 4), (uint8_t)((name + 4) >> 8) },
	};
	void *made;
	char *to;

	while (node->type != 0x7f) {
		size_t bytes = node->length[0] | (size_t)node->length[1] << 8;

		before += bytes;
		node = (struct efi_device_path *)((char *)node + bytes);
	}
	if (boot->allocate_pool(EFI_LOADER_DATA, before + name + 8, &made))
		return NULL;
	to = made;
	memcpy(to, disk, before);
	memcpy(to + before, &here, sizeof(here));
	memcpy(to + before + 4, file->text, name);
	memcpy(to + before + 4 + name, &end, sizeof(end));
	return made;
}

/* By its path alone, as a boot manager does it. */
static efi_status load_image(struct efi_device_path *path)
{
	efi_handle image = NULL;
	efi_status status = boot->load_image(false, self, path, NULL, 0, &image);

	/* A security violation leaves an image behind that must not run. */
	if (image)
		boot->unload_image(image);
	return status;
}

static efi_status security_verdict(struct efi_device_path *device, struct path *path)
{
	uint64_t bytes;
	void *file;
	efi_status status = load_file(path, &file, &bytes);

	if (!status)
		status = security->authenticate(security, device, file, bytes, false);
	if (file)
		boot->free_pool(file);
	return status;
}

static void judge_image(uint64_t nr, struct text name, struct efi_device_path *control)
{
	struct path path = make_path("\\images\\", name, "");
	struct efi_device_path *device = device_path(&path);
	efi_status loaded = load_image(device);

	say("image");
	say_number(nr, 10);
	/* What loads has passed both; the signature is not checked twice. */
	say_number(loaded ? security_verdict(device, &path) : EFI_SUCCESS, 16);
	say_number(loaded, 16);
	say_number(load_image(control), 16);
	say("\n");
	boot->free_pool(device);
}

static efi_status set_keys(const efi_char *variable, struct text store, const char *file)
{
	struct path path = make_path("\\stores\\", store, file);
	uint64_t bytes;
	void *data;
	efi_status status = load_file(&path, &data, &bytes);

	if (!status)
		status = runtime->set_variable(variable, &image_db_guid, EFI_KEY_VARIABLE, bytes,
					       data);
	if (data)
		boot->free_pool(data);
	return status;
}

static void install_store(uint64_t nr, struct text name)
{
	efi_status db = set_keys(u"db", name, "\\db.auth");
	efi_status dbx = set_keys(u"dbx", name, "\\dbx.auth");

	say("store");
	say_number(nr, 10);
	say_number(db, 16);
	say_number(dbx, 16);
	say("\n");
}

static bool take_line(struct text *plan, struct text *ret_line)
{
	*ret_line = (struct text){ plan->at, 0 };
	if (!plan->left)
		return false;
	while (plan->left && *plan->at != '\n') {
		plan->at++;
		plan->left--;
		ret_line->left++;
	}
	if (plan->left) {
		plan->at++;
		plan->left--;
	}
	return true;
}

static bool take_word(struct text *line, const char *word)
{
	size_t nr = length(word), i;

	if (line->left < nr)
		return false;
	for (i = 0; i < nr; i++)
		if (line->at[i] != word[i])
			return false;
	line->at += nr;
	line->left -= nr;
	return true;
}

static void follow(struct text plan, struct efi_device_path *control)
{
	struct text line;
	uint64_t nr;

	for (nr = 1; take_line(&plan, &line); nr++) {
		say("try");
		say_number(nr, 10);
		say("\n");
		if (take_word(&line, "store "))
			install_store(nr, line);
		else if (take_word(&line, "image "))
			judge_image(nr, line, control);
	}
	say("end\n");
}

static efi_status open_disk(void)
{
	struct efi_loaded_image *image;
	struct efi_file_system *files = NULL;
	efi_status status = boot->handle_protocol(self, &image_guid, (void **)&image);

	if (!status)
		status = boot->handle_protocol(image->device, &path_guid, (void **)&disk);
	if (!status)
		status = boot->handle_protocol(image->device, &files_guid, (void **)&files);
	if (!status)
		status = files->open_volume(files, &root);
	if (!status)
		status = boot->locate_protocol(&security2_guid, NULL, (void **)&security);
	return status;
}

efi_status EFIAPI efi_main(efi_handle image, struct efi_system_table *system);

efi_status EFIAPI efi_main(efi_handle image, struct efi_system_table *system)
{
	struct text none = { "", 0 };
	struct path plan = make_path("\\plan", none, "");
	struct path control = make_path("\\control.efi", none, "");
	efi_status status;
	uint64_t bytes;
	void *text;

	self = image;
	boot = system->boot;
	runtime = system->runtime;
	/* The boot manager's watchdog resets after five minutes. */
	boot->set_watchdog(0, 0, 0, NULL);
	status = open_disk();
	if (!status)
		status = load_file(&plan, &text, &bytes);
	if (status) {
		say("failed");
		say_number(status, 16);
		say("\n");
	} else {
		follow((struct text){ text, bytes }, device_path(&control));
	}
	runtime->reset_system(EFI_SHUTDOWN, EFI_SUCCESS, 0, NULL);
	return status;
}
