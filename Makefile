# Each target calls what .ci/run calls; Documentation/testing.md says what each proves and costs.
.PHONY: quick test program package survive bench check newer

# Those tests that take a moment.
quick:
	.ci/test fast

# All tests.
test:
	.ci/test

# The program alone, for machines without Swift: with Swift's own libraries inside.
program:
	swift build -c release --product eventdrop --static-swift-stdlib --scratch-path .build-program

# The .deb, the .tar.gz and their sums, of that program.
package: program
	packaging/deb/build

# Power cuts, kills and every sweep in full.
survive:
	.ci/test survive

# Side by side with what the file system allows, in memory and on this disk.
bench:
	Benchmarks/compare

# All that must hold before a change lands.
check:
	.ci/run

# Direct dependencies of which there is a newer version than the pinned one.
newer:
	.ci/newer
