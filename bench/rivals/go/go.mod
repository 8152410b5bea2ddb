module brigade-rivals

go 1.19
