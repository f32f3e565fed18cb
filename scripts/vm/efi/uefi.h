/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * As much of the UEFI specification as judge.c calls. Members that it does not use are void *.
 */
#ifndef VM_EFI_UEFI_H
#define VM_EFI_UEFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EFIAPI __attribute__((ms_abi))

typedef uint64_t efi_status;
typedef void *efi_handle;
typedef uint16_t efi_char;

#define EFI_ERROR(nr)	 ((1ULL << 63) | (nr))
#define EFI_SUCCESS	 0ULL
#define EFI_NOT_FOUND	 EFI_ERROR(14)
#define EFI_LOADER_DATA	 2U
#define EFI_SHUTDOWN	 2U
#define EFI_FILE_READ	 1ULL

/* Non-volatile, for the boot and the runtime, changed by signed updates only. */
#define EFI_KEY_VARIABLE 0x27U

struct efi_guid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

struct efi_device_path {
	uint8_t type, subtype, length[2];
};

struct efi_header {
	uint64_t signature;
	uint32_t revision, header_size, crc32, reserved;
};

struct efi_file {
	uint64_t revision;
	efi_status (EFIAPI *open)(struct efi_file *self, struct efi_file **ret, efi_char *name,
				  uint64_t mode, uint64_t attributes);
	efi_status (EFIAPI *close)(struct efi_file *self);
	void *delete;
	efi_status (EFIAPI *read)(struct efi_file *self, uint64_t *bytes, void *buffer);
	void *write, *get_position;
	efi_status (EFIAPI *set_position)(struct efi_file *self, uint64_t position);
};

struct efi_file_system {
	uint64_t revision;
	efi_status (EFIAPI *open_volume)(struct efi_file_system *self, struct efi_file **ret_root);
};

struct efi_loaded_image {
	uint32_t revision;
	efi_handle parent;
	void *system_table;
	efi_handle device;
};

struct efi_security2 {
	efi_status (EFIAPI *authenticate)(const struct efi_security2 *self,
					  const struct efi_device_path *path, void *file,
					  uint64_t bytes, bool boot_policy);
};

struct efi_boot_services {
	struct efi_header header;
	void *raise_tpl, *restore_tpl, *allocate_pages, *free_pages, *get_memory_map;
	efi_status (EFIAPI *allocate_pool)(uint32_t type, uint64_t bytes, void **ret);
	efi_status (EFIAPI *free_pool)(void *buffer);
	void *create_event, *set_timer, *wait_for_event, *signal_event, *close_event, *check_event;
	void *install_protocol, *reinstall_protocol, *uninstall_protocol;
	efi_status (EFIAPI *handle_protocol)(efi_handle handle, const struct efi_guid *protocol,
					     void **ret);
	void *reserved, *register_notify, *locate_handle, *locate_device_path, *install_table;
	efi_status (EFIAPI *load_image)(bool boot_policy, efi_handle parent,
					struct efi_device_path *path, void *file, uint64_t bytes,
					efi_handle *ret);
	void *start_image, *exit;
	efi_status (EFIAPI *unload_image)(efi_handle image);
	void *exit_boot_services, *get_monotonic_count, *stall;
	efi_status (EFIAPI *set_watchdog)(uint64_t seconds, uint64_t code, uint64_t bytes,
					  efi_char *text);
	void *connect_controller, *disconnect_controller, *open_protocol, *close_protocol;
	void *open_protocol_information, *protocols_per_handle, *locate_handle_buffer;
	efi_status (EFIAPI *locate_protocol)(const struct efi_guid *protocol, void *registration,
					     void **ret);
};

struct efi_runtime_services {
	struct efi_header header;
	void *get_time, *set_time, *get_wakeup, *set_wakeup, *set_virtual_map, *convert_pointer;
	void *get_variable, *get_next_variable;
	efi_status (EFIAPI *set_variable)(const efi_char *name, const struct efi_guid *vendor,
					  uint32_t attributes, uint64_t bytes, const void *data);
	void *get_next_high_count;
	void (EFIAPI *reset_system)(uint32_t type, efi_status status, uint64_t bytes, void *data);
};

struct efi_system_table {
	struct efi_header header;
	efi_char *vendor;
	uint32_t revision;
	efi_handle con_in_handle;
	void *con_in;
	efi_handle con_out_handle;
	void *con_out;
	efi_handle std_err_handle;
	void *std_err;
	struct efi_runtime_services *runtime;
	struct efi_boot_services *boot;
};

#endif
