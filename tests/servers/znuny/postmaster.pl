# Takes one mail after the other from standard input (a line with its length, then its bytes) and answers each with a line
# that is 0 when it was not taken. Starting Znuny anew for each mail costs more than half a second.
$| = 1;
binmode STDIN;
while (defined(my $length = <STDIN>)) {
    read STDIN, (my $mail), $length;
    my %of_message = (ObjectLogType => 'Message');
    my $log        = $Kernel::OM->Create(
        'Kernel::System::CommunicationLog', ObjectParams => { Transport => 'Email', Direction => 'Incoming' },
    );
    $log->ObjectLogStart(%of_message);
    my @lines      = map {"$_\n"} split /\n/, $mail, -1;
    my $postmaster = $Kernel::OM->Create(
        'Kernel::System::PostMaster', ObjectParams => { CommunicationLogObject => $log, Email => \@lines, Trusted => 1 },
    );
    my ($result) = $postmaster->Run();
    my $status = $result ? 'Successful' : 'Failed';
    $log->ObjectLogStop(%of_message, Status => $status);
    $log->CommunicationStop(Status => $status);
    $Kernel::OM->ObjectsDiscard();    # which lets Znuny's own rules act
    print $result || 0, "\n";
}
