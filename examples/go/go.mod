module genuin-sandbox.example/create-group

go 1.19
