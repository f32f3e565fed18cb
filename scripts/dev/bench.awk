# SPDX-License-Identifier: LGPL-2.1-or-later
# bench.awk RAW.tsv: rows of "round TAB name TAB value" become tables in Markdown.
#
# A ratio is taken inside of each round, and the median of those is shown: what slows the whole
# machine down for a while does not turn it. An even number of rounds has the mean of the middle two.

BEGIN { FS = "\t" }
{
	value[$1, $2] = $3
	seen[$2] = 1
	if ($1 + 0 > rounds)
		rounds = $1 + 0
}

function median(list, nr,	i, j, t)
{
	for (i = 2; i <= nr; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			t = list[j]
			list[j] = list[j - 1]
			list[j - 1] = t
		}
	if (!nr)
		return ""
	return nr % 2 ? list[(nr + 1) / 2] : (list[nr / 2] + list[nr / 2 + 1]) / 2
}

# The value of a name in a round; some are computed from others. "" if there is none.
function get(round, name,	part)
{
	if ((round, name) in value)
		return value[round, name] + 0
	split(name, part, ":")
	if (part[1] == "hashing" && (round, "hash:" part[2]) in value)
		return value[0, "bytes"] / value[round, "hash:" part[2]] / value[0, "cores"]
	if (part[1] == "limit" && (round, "rate:" part[2]) in value)
		return get(round, "hashing:" part[2]) + value[0, "modules"] / value[round, "rate:" part[2]] / value[0, "cores"]
	if (part[1] == "limitcp" && (round, "cp:" part[2]) in value)
		return get(round, "limit:" part[2]) + value[round, "cp:" part[2]]
	if (part[1] == "checking" && (round, "check:" part[2]) in value)
		return get(round, "hashing:" part[2]) + value[0, "modules"] / value[round, "check:" part[2]] / value[0, "cores"]
	if (part[1] == "twice" && (round, "check:" part[2]) in value)
		return get(round, "limit:" part[2]) + value[0, "modules"] / value[round, "check:" part[2]] / value[0, "cores"]
	if (part[1] == "inspect4000" && (round, "inspect:" part[2]) in value)
		return value[round, "inspect:" part[2]] * 4000 / value[0, "modules"]
	if (name == "uki:floor" && (round, "uki:cp") in value)
		return value[round, "uki:sha256"] + value[round, "uki:cp"]
	if (name == "uki:two" && (round, "uki:build") in value)
		return value[round, "uki:build"] + value[round, "uki:sign"]
	return ""
}

function middle(name,	r, nr, list)
{
	for (r = 1; r <= rounds; r++)
		if (get(r, name) != "")
			list[++nr] = get(r, name)
	return median(list, nr)
}

# The median of a / b, round by round.
function ratio(a, b,	r, nr, list)
{
	for (r = 1; r <= rounds; r++)
		if (get(r, a) != "" && get(r, b) != "" && get(r, b) > 0)
			list[++nr] = get(r, a) / get(r, b)
	return median(list, nr)
}

function show(number, digits)
{
	return number == "" ? "-" : sprintf("%." digits "f", number)
}

# target SENTENCE HAVE WANT SIGN: is a ratio large enough (">") or small enough ("<")?
function target(sentence, have, want, sign,	verdict)
{
	verdict = "not measured"
	if (have != "")
		verdict = (sign == ">" ? have >= want : have <= want) ? "reached" : "**not reached**"
	targets[++nr_targets] = sprintf("| %s | %s %s | %s | %s |", sentence, sign == ">" ? ">=" : "<=", want,
		show(have, have < 10 ? 2 : 1), verdict)
}

function modules_row(key, name, loop_default, limit_inplace, loop_inplace)
{
	if (middle("limit:" key) == "")
		return
	printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", name, show(middle("limit:" key), 2),
		show(middle("loop:" key), 2), show(middle("default:" key), 2), show(ratio("default:" key, "limitcp:" key), 2),
		show(ratio("loop:" key, "default:" key), 1), show(middle("inplace:" key), 2),
		show(ratio("limit:" key, "inplace:" key), 2), show(ratio("loop:" key, "inplace:" key), 1),
		show(middle("verify:" key), 2), show(ratio("hashing:" key, "verify:" key), 2)
	target(name ": default / (limit + `cp -r`)", ratio("default:" key, "limitcp:" key), 1.15, "<")
	target(name ": sign-file loop / default", ratio("loop:" key, "default:" key), loop_default, ">")
	target(name ": limit / `--in-place`", ratio("limit:" key, "inplace:" key), limit_inplace, ">")
	target(name ": sign-file loop / `--in-place`", ratio("loop:" key, "inplace:" key), loop_inplace, ">")
	if (middle("rss:default:" key) > rss)
		rss = middle("rss:default:" key)
}

function modules_tables(	mib)
{
	printf "%d modules, %.0f MB, %d threads; seconds, medians of %d rounds, ratios taken in each round.\n",
		value[0, "modules"], value[0, "bytes"] / 1e6, value[0, "cores"], rounds_of("rate")
	printf "`cp -r` of the tree takes %s s.\n\n", show(middle_of_copies(), 2)
	print "| key | limit | sign-file loop | default | / (limit + cp) | loop / it | in-place | limit / it | loop / it | verify | hashing / it |"
	print "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
	modules_row("rsa4096", "RSA-4096", 2, 0.93, 2.6)
	modules_row("rsa2048", "RSA-2048", 2.5, 0.75, 12)
	modules_row("p384", "P-384", 2.5, 0.80, 7)
	modules_row("p256", "P-256", 2.5, 0.5, 40)
	target("verify of RSA-4096: hashing / it", ratio("hashing:rsa4096", "verify:rsa4096"), 0.8, ">")
	target("verify of RSA-2048: hashing / it", ratio("hashing:rsa2048", "verify:rsa2048"), 0.8, ">")
	target("`kseal inspect` of 4,000 modules (RSA-4096), s", middle("inspect4000:rsa4096"), 3, "<")
	target("`kseal inspect` of 4,000 modules (RSA-2048), s", middle("inspect4000:rsa2048"), 3, "<")
	printf "\nLimit: private-key operations at `openssl speed`'s rate and hashing, on all cores. Each signature is\n"
	printf "checked once: hashing, signing and checking, with nothing around them, would reach %s of the limit with\n",
		show(ratio("limit:rsa4096", "twice:rsa4096"), 2)
	printf "RSA-4096, %s with RSA-2048, %s with P-384 and %s with P-256. Verifying hashes for %s s (SHA-512); with\n",
		show(ratio("limit:rsa2048", "twice:rsa2048"), 2), show(ratio("limit:p384", "twice:p384"), 2),
		show(ratio("limit:p256", "twice:p256"), 2), show(middle("hashing:rsa4096"), 2)
	printf "the public-key operations alone, hashing / it would be %s (RSA-4096), %s (RSA-2048).\n\n",
		show(ratio("hashing:rsa4096", "checking:rsa4096"), 2), show(ratio("hashing:rsa2048", "checking:rsa2048"), 2)
	mib = value[0, "largest"] / 1048576 * value[0, "cores"]
	printf "Peak memory of signing: %.0f MiB; the largest module times %d jobs is %.0f MiB, the tree %.0f MiB.\n\n",
		rss / 1024, value[0, "cores"], mib, value[0, "bytes"] / 1048576
	target("peak memory / (largest module x jobs + 32 MiB)", rss / 1024 / (mib + 32), 1, "<")
}

# Each key has its own copy in a round.
function middle_of_copies(	r, name, nr, list)
{
	for (r = 1; r <= rounds; r++)
		for (name in seen)
			if (name ~ /^cp:/ && (r, name) in value)
				list[++nr] = value[r, name] + 0
	return median(list, nr)
}

function rounds_of(prefix,	r, name, nr)
{
	for (r = 1; r <= rounds; r++)
		for (name in seen)
			if (index(name, prefix ":") == 1 && (r, name) in value) {
				nr++
				break
			}
	return nr + 0
}

function uki_row(name, text)
{
	if (middle(name) != "")
		printf "| %s | %s | %s | %s |\n", text, show(middle(name), 3), show(ratio(name, "uki:floor"), 2),
			show(middle("rss:" name) == "" ? "" : middle("rss:" name) / 1024, 0)
}

function uki_table()
{
	printf "UKI of %.1f MB, RSA-2048; seconds, medians of %d rounds.\n\n", value[0, "uki-bytes"] / 1e6, rounds_of("uki")
	print "| | seconds | / (SHA-256 + cp) | peak MiB |"
	print "|---|--:|--:|--:|"
	uki_row("uki:sha256", "`openssl dgst -sha256`")
	uki_row("uki:cp", "`cp`")
	uki_row("uki:onepass", "**kseal**: built and signed in one pass")
	uki_row("uki:two", "**kseal**: built, then signed")
	uki_row("uki:build", "`kseal uki build`")
	uki_row("uki:sign", "`kseal pe sign`")
	uki_row("uki:sbsign", "sbsign")
	uki_row("uki:osslsigncode", "osslsigncode")
	uki_row("uki:pesign", "pesign")
	uki_row("uki:objcopy", "objcopy: built only")
	print ""
	target("UKI built and signed / (SHA-256 + copy)", ratio("uki:onepass", "uki:floor"), 1.5, "<")
	target(sprintf("`kseal audit image` of a UKI with a kernel of %.1f MB, s", value[0, "kernel-bytes"] / 1e6),
		middle("uki:audit"), 0.3, "<")
}

function queue_row(name, text)
{
	if (middle(name) != "")
		printf "| %s | %s | %s |\n", text, show(middle(name), 2), show(middle("rss:" name) / 1024, 0)
}

function queue_table()
{
	printf "%d patches on 6.18.5, of which 6.18.15 has %d; seconds, medians of %d rounds.\n\n", value[0, "patches"],
		value[0, "dropped"], rounds_of("queue")
	print "| | seconds | peak MiB |"
	print "|---|--:|--:|"
	queue_row("queue:apply", "`kq apply`")
	queue_row("queue:quilt", "`quilt push -a`")
	queue_row("queue:verdicts", "`kq status --on`, 100 patches for each of 5 SKUs")
	queue_row("queue:cached", "`kq rebase`, cached")
	queue_row("queue:cold", "`kq rebase` from two tarballs, once")
	print ""
	target("`kq apply`, seconds", middle("queue:apply"), 1, "<")
	target("`quilt push -a` / `kq apply`", ratio("queue:quilt", "queue:apply"), 4, ">")
	target("verdicts for 5 SKUs, seconds", middle("queue:verdicts"), 0.5, "<")
	target("rebase, cached, seconds", middle("queue:cached"), 3, "<")
	target("rebase from two tarballs, seconds", middle("queue:cold"), 15, "<")
}

END {
	if ((0, "modules") in value)
		modules_tables()
	if ((0, "uki-bytes") in value)
		uki_table()
	if ((0, "patches") in value)
		queue_table()
	print "| target | wanted | measured | |"
	print "|---|--:|--:|---|"
	for (i = 1; i <= nr_targets; i++)
		print targets[i]
}
