// Package stack starts the local stack as a process of its own and talks to it
// from outside, over HTTP alone. The demo, the end-to-end test and the command
// line are its users. It knows the stack's contract and nothing of its inside.
package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
)

// Stack is a running local stack.
type Stack struct {
	// URL is the public URL, without a slash at the end.
	URL  string
	http *http.Client
}

// At returns the stack with that public URL.
func At(publicURL string) *Stack {
	return &Stack{
		URL: strings.TrimSuffix(publicURL, "/"),
		http: &http.Client{
			Timeout:       10 * time.Minute, // moving the clock by a week works a week off
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Reply is an answer of the stack.
type Reply struct {
	Status  int
	Headers http.Header
	Body    []byte
}

// OK tells whether the answer is a success or a redirection.
func (r Reply) OK() bool { return r.Status >= 200 && r.Status < 400 }

// Do sends a request to a path, or to a full URL of the stack.
func (s *Stack) Do(ctx context.Context, method, target string, headers map[string]string, body []byte) (Reply, error) {
	if strings.HasPrefix(target, "/") {
		target = s.URL + target
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := s.http.Do(req)
	if err != nil {
		return Reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	read, err := io.ReadAll(res.Body)
	return Reply{Status: res.StatusCode, Headers: res.Header, Body: read}, err
}

// JSON gets a path and decodes the answer into v. An answer other than 200 is an error.
func (s *Stack) JSON(ctx context.Context, path string, v any) error {
	r, err := s.Do(ctx, http.MethodGet, path, map[string]string{"Accept": "application/json"}, nil)
	if err != nil {
		return err
	}
	if r.Status != http.StatusOK {
		return fmt.Errorf("GET %s answered %d: %s", path, r.Status, r.Body)
	}
	return json.Unmarshal(r.Body, v)
}

// Health is the answer of /_local/health.
type Health struct {
	Status    string           `json:"status"`
	Processes map[string][]int `json:"processes"`
	Table     string           `json:"table"`
	Endpoints struct {
		AWS      string `json:"aws"`
		DynamoDB string `json:"dynamodb"`
	} `json:"endpoints"`
}

// Health asks how the stack is.
func (s *Stack) Health(ctx context.Context) (Health, error) {
	var h Health
	return h, s.JSON(ctx, "/_local/health", &h)
}

// Idle waits until everything under way is worked off.
func (s *Stack) Idle(ctx context.Context) error {
	return s.JSON(ctx, "/_local/idle", &struct{}{})
}

// Now returns the stack's virtual time.
func (s *Stack) Now(ctx context.Context) (time.Time, error) {
	var clock struct {
		Now time.Time `json:"now"`
	}
	return clock.Now, s.JSON(ctx, "/_local/clock", &clock)
}

// MoveTo sets the virtual time, which can only go forward.
func (s *Stack) MoveTo(ctx context.Context, t time.Time) error {
	body := fmt.Sprintf(`{"set":%q}`, t.UTC().Format(time.RFC3339Nano))
	r, err := s.Do(ctx, http.MethodPost, "/_local/clock", map[string]string{"Content-Type": "application/json"}, []byte(body))
	if err != nil {
		return err
	}
	if r.Status != http.StatusOK {
		return fmt.Errorf("POST /_local/clock answered %d: %s", r.Status, r.Body)
	}
	return nil
}

// Event is one event of the bus.
type Event struct {
	ID     string          `json:"id"`
	Type   string          `json:"type"`
	Time   time.Time       `json:"time"`
	Lead   string          `json:"lead"`
	Detail contract.Detail `json:"detail"`
}

// Events returns the events of a lead in order of arrival.
func (s *Stack) Events(ctx context.Context, lead string) ([]Event, error) {
	var all struct {
		Events []Event `json:"events"`
	}
	err := s.JSON(ctx, "/_local/events", &all)
	var own []Event
	for _, e := range all.Events {
		if e.Lead == lead {
			own = append(own, e)
		}
	}
	return own, err
}

// Message is one message of the outbox.
type Message struct {
	ID      string `json:"id"`
	Channel string `json:"channel"`
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	Links   []struct {
		Label string `json:"label"`
		URL   string `json:"url"`
	} `json:"links"`
	Event struct {
		ID   string `json:"id"`
		Type string `json:"type"`
		Lead string `json:"lead"`
	} `json:"event"`
	At time.Time `json:"at"`
}

// Outbox returns the messages about a lead.
func (s *Stack) Outbox(ctx context.Context, lead string) ([]Message, error) {
	var all struct {
		Messages []Message `json:"messages"`
	}
	err := s.JSON(ctx, "/_local/outbox", &all)
	var own []Message
	for _, m := range all.Messages {
		if m.Event.Lead == lead {
			own = append(own, m)
		}
	}
	return own, err
}

// Part is one addend of a score.
type Part struct {
	Rule   string  `json:"rule"`
	Points float64 `json:"points"`
	Reason string  `json:"reason"`
}

// Lead is the answer of /api/leads/{key}, as far as it is used here.
type Lead struct {
	Key     string `json:"key"`
	Email   string `json:"email"`
	Stage   string `json:"stage"`
	Version int64  `json:"version"`
	Fit     struct {
		Grade string  `json:"grade"`
		Score float64 `json:"score"`
		Parts []Part  `json:"parts"`
	} `json:"fit"`
	Engagement struct {
		Score float64 `json:"score"`
		Parts []Part  `json:"parts"`
	} `json:"engagement"`
	Qualification struct {
		Qualified bool   `json:"qualified"`
		Reason    string `json:"reason"`
	} `json:"qualification"`
	Handoff *struct {
		Number int    `json:"number"`
		Pool   string `json:"pool"`
		Holder struct {
			Rep  string `json:"rep"`
			Name string `json:"name"`
		} `json:"holder"`
		Reason string      `json:"reason"`
		By     string      `json:"by"`
		Route  []RouteStep `json:"route"`
		Answer string      `json:"answer"`
	} `json:"handoff"`
	HadBy  []string `json:"had_by"`
	Clocks []Clock  `json:"clocks"`
	Held   *struct {
		Pool string `json:"pool"`
	} `json:"held"`
	WhyNot []struct {
		Rule   string `json:"rule"`
		Reason string `json:"reason"`
	} `json:"why_not"`
	Contact *struct {
		How   string `json:"how"`
		Word  string `json:"word"`
		Label string `json:"label"`
	} `json:"contact"`
	RecycledUntil *time.Time `json:"recycled_until"`
}

// RouteStep is one thing that was tried to find a holder.
type RouteStep struct {
	By         string `json:"by"`
	Pool       string `json:"pool"`
	Why        string `json:"why"`
	Considered []struct {
		Rep    string `json:"rep"`
		Chosen bool   `json:"chosen"`
		Why    string `json:"why"`
	} `json:"considered"`
}

// Clock is one clock of a lead.
type Clock struct {
	Kind      string     `json:"kind"`
	Scope     string     `json:"scope"`
	N         int        `json:"n"` // of a follow-up: which attempt
	State     string     `json:"state"`
	Handoff   int        `json:"handoff"` // number of the handoff that started it
	StartedAt time.Time  `json:"started_at"`
	DueAt     time.Time  `json:"due_at"`
	ResumeAt  *time.Time `json:"resume_at"` // the end of a pause
	Late      string     `json:"late"`
}

// Running returns the running clock of a kind. ok is false when there is none.
func (l Lead) Running(kind string) (c Clock, ok bool) {
	for _, c := range l.Clocks {
		if c.Kind == kind && c.State == "running" {
			return c, true
		}
	}
	return c, false
}

// Find returns the lead with that address. ok is false when there is none.
func (s *Stack) Find(ctx context.Context, email string) (l Lead, ok bool, err error) {
	var found struct {
		Leads []struct {
			Key string `json:"key"`
		} `json:"leads"`
	}
	if err := s.JSON(ctx, "/api/leads?email="+url.QueryEscape(email), &found); err != nil || len(found.Leads) == 0 {
		return l, false, err
	}
	err = s.JSON(ctx, "/api/leads/"+found.Leads[0].Key, &l)
	return l, err == nil, err
}
