// Package bench holds the benchmarks that compare the toolset with what people would use otherwise, and with the limit:
// hand-written code, the raw driver. "make bench" runs them; docs/benchmarks.md has results. Compare ratios of
// medians within one run: machines differ, and so do their moods.
package bench
