package app

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// docs/operations/limits.md has the figures of the code.
func TestLimitsAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/operations/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	minutes := func(d time.Duration) int { return int(d / time.Minute) }
	for _, row := range []string{
		fmt.Sprintf("| %d entries (API: up to %d) and %d KiB with their posts, the newest first; of third persons the newest %d within %d KiB; earlier entries are counted up to 1,000 |",
			threadUsual, ThreadLimit, threadBytes>>10, thirdLimit, thirdBytes>>10),
		fmt.Sprintf("| %d, then one in %d min; %d an hour, %d more for each answered issue, at most 2,000; %d, then one in %d min, 1,000 in all |", desk.ThirdRate.Burst, minutes(desk.ThirdRate.Every),
			desk.Standing{}.ThirdRate().Burst, desk.Standing{Answered: 1}.ThirdRate().Burst-desk.Standing{}.ThirdRate().Burst, desk.ThirdsOfIssue.Burst, minutes(desk.ThirdsOfIssue.Every)),
		fmt.Sprintf("| A page of any list | %d records and %d MiB |", store.MaxLimit, store.MaxBytes>>20),
		fmt.Sprintf("with each %d KiB of the posts that it answers", heldAbove>>10),
	} {
		if !strings.Contains(string(b), row) {
			t.Errorf("the table lacks %q", row)
		}
	}
	if store.MaxCounted != 1000 || (desk.Standing{Answered: 1e6}).ThirdRate().Burst != 2000 {
		t.Error("the table says 1,000, and at most 2,000")
	}
}
