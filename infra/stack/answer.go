package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// Answer is what a rep's link says to a program: of an answer that was taken
// its state, of one that was refused the code of the problem.
type Answer struct {
	Status int    `json:"-"`
	State  string `json:"state"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Steps  []struct {
		Purpose string `json:"purpose"`
		URL     string `json:"url"`
	} `json:"steps"`
}

// Step returns the link of what can be done next, "" when that is not offered.
func (a Answer) Step(purpose string) string {
	for _, s := range a.Steps {
		if s.Purpose == purpose {
			return s.URL
		}
	}
	return ""
}

// Press opens a rep's link with GET, or answers by it with POST and the fields
// of its form.
func (s *Stack) Press(ctx context.Context, method, link string, form url.Values) (Answer, error) {
	headers := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
	r, err := s.Do(ctx, method, link, headers, []byte(form.Encode()))
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Status: r.Status}
	if err := json.Unmarshal(r.Body, &a); err != nil {
		return a, fmt.Errorf("%s on a link answered %d: %s", method, r.Status, r.Body)
	}
	return a, nil
}

// Entry is one line of a lead's history.
type Entry struct {
	At      time.Time `json:"at"`
	Type    string    `json:"type"`
	Summary string    `json:"summary"`
}

// Timeline returns the history of a lead, oldest first.
func (s *Stack) Timeline(ctx context.Context, lead string) ([]Entry, error) {
	var all []Entry
	for cursor := ""; ; {
		var page struct {
			Entries []Entry `json:"entries"`
			Next    string  `json:"next"`
		}
		if err := s.JSON(ctx, "/api/leads/"+lead+"/timeline?cursor="+url.QueryEscape(cursor), &page); err != nil {
			return nil, err
		}
		for _, e := range page.Entries { // newest first
			all = append([]Entry{e}, all...)
		}
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}
