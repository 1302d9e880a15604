# Each target calls what .ci/run calls; Documentation/testing.md says what each proves and costs.
.PHONY: quick test program package survive bench check newer

# The tests that take only a moment.
quick:
	.ci/test fast

# All tests.
test:
	.ci/test

# Only the program, for machines without Swift: includes Swift's own libraries.
program:
	swift build -c release --product eventdrop --static-swift-stdlib --scratch-path .build-program

# The .deb and the .tar.gz of that program, with their checksums.
package: program
	packaging/deb/build

# Power cuts, kills and every full sweep.
survive:
	.ci/test survive

# Speed, compared with what the file system allows, in memory and on this disk.
bench:
	Benchmarks/compare

# Everything that must hold before a change lands.
check:
	.ci/run

# Direct dependencies with a newer version than the pinned one.
newer:
	.ci/newer
