package link_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/link"
)

func ExampleVerify() {
	monday := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	token, err := link.Sign("newest key", link.Claims{
		Lead: "1qkx5", Handoff: 1, Rep: "ana", Purpose: link.Accept, Expires: monday.AddDate(0, 0, 7),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	keys := []string{"newest key", "older key"}
	claims, _ := link.Verify(keys, token, monday)
	fmt.Println(claims.Rep, claims.Purpose)
	_, err = link.Verify(keys, token, monday.AddDate(0, 0, 8))
	fmt.Println(errors.Is(err, link.ErrExpired))
	_, err = link.Verify(keys, token+"A", monday)
	fmt.Println(err)
	// Output:
	// ana accept
	// true
	// this is no link of ours
}
