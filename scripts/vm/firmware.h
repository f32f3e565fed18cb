/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the firmware answers to images: efi/judge.c asks it, this starts the machine, as often as it
 * takes, and reads the answers.
 */
#ifndef VM_FIRMWARE_H
#define VM_FIRMWARE_H

#include "base/buf.h"
#include "machine.h"

/* A plan that the smallest variable store and a minute of patience could not hold anyhow. */
#define VM_MAX_TRIALS 4096U

enum vm_answer { VM_NO_ANSWER, VM_ANSWERED, VM_HANG, VM_RESET };

/**
 * struct vm_trial - one line of the case file
 * @image: NULL when the line is the start of a store
 * @first: the status of db (store) or of the Security2 protocol (image)
 * @second: the status of dbx (store) or of LoadImage() (image)
 * @control: what LoadImage() of the control image said afterwards
 */
struct vm_trial {
	char *store;
	char *image;
	enum vm_answer answer;
	bool has_first;
	u64 first, second, control;
};

struct vm_firmware {
	const struct vm_opts *opts;
	struct vm_machine machine;
	struct vm_trial *cases;
	size_t nr_cases;
	size_t nr_boots;
};

/**
 * struct vm_boot - where the application's lines of a boot stand
 * @first: the case of its first line
 * @again: that line is its store once more
 * @reached: the case that was tried last
 * @is_end: it has come to the end of its plan
 */
struct vm_boot {
	size_t first;
	bool again;
	size_t reached;
	bool is_end;
};

/** vm_firmware_init() - read opts->cases/cases. Return: 0 or -errno; done() in every case. */
int __must_check vm_firmware_init(struct vm_firmware *fw, const struct vm_opts *opts,
				  struct ks_diag *diag);
void vm_firmware_done(struct vm_firmware *fw);

/**
 * vm_firmware_run() - have every case answered
 *
 * Where an image hangs or resets the machine, or damages the firmware so that the control image is
 * refused, the next boot goes on behind it.
 *
 * Return: 0; -EINTR after a signal; another -errno when the firmware does not start the application
 * or refuses the control image at once.
 */
int __must_check vm_firmware_run(struct vm_firmware *fw, const char *accel, struct ks_diag *diag);

/**
 * vm_answers_read() - what the application wrote in a boot, from its start
 *
 * Other lines, and one that is cut off where the machine stopped, are ignored; a number counts only with
 * something behind it.
 */
void vm_answers_read(struct vm_firmware *fw, struct vm_boot *boot, struct ks_span text);

/** vm_status_name() - a word of the UEFI specification, or the number in @room */
const char *vm_status_name(u64 status, char room[20]);

#endif
