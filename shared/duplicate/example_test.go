package duplicate_test

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/duplicate"
)

func ExamplePair_Suggest() {
	p, write := duplicate.Pair{Names: duplicate.Of("1grace", "1ada")}.Suggest(compared("+442079460000"), 60, monday())
	fmt.Println(p.A, p.B, p.State, p.Score, write)
	p, err := p.Judge(duplicate.Dismissed, compared("+442079460000"), "Kim Sato", "mother and daughter", monday())
	fmt.Println(p.State, p.Why, err)
	_, write = p.Suggest(compared("+442079460000"), 60, monday())
	fmt.Println(write)
	// Output:
	// 1ada 1grace open 100 true
	// dismissed mother and daughter <nil>
	// false
}
