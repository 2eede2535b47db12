module github.com/lupasearch/lupa

go 1.26.8
