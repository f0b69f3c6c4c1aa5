package privacy_test

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/privacy"
)

func Example() {
	erased := time.Date(2026, 5, 18, 9, 0, 0, 0, time.UTC)
	for _, p := range privacy.Places() {
		if until := p.Until(erased); until != "" {
			fmt.Println(until, p.Place)
		}
	}
	// Output:
	// 2026-06-22 backups of the table (point-in-time recovery)
	// 2026-05-19 the table's stream
	// 2026-06-01 queues and their dead letters
	// 2026-06-17 records of the stream that could not be worked off (S3)
}
